"""What the buttons about certificates carry. `kind` is a CertificateKind, `of` the number of the class or the wave that
it is about; `certificate` is the number of a certificate."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action, PersonalAction


class SeeCertificates(PersonalAction, name="certificates:mine"):
    """Shows the person's certificates, those they can have, and what is still missing."""


class AskCertificate(PersonalAction, name="certificates:ask"):
    """Asks for the name to print, for this certificate."""

    kind: Literal["class", "wave"]
    of: int


class TakeCertificate(PersonalAction, name="certificates:take"):
    """Agrees to the name that was shown and has the certificate made. `version` is that of the name."""

    kind: Literal["class", "wave"]
    of: int
    version: int


class TakeCorrection(PersonalAction, name="certificates:retake"):
    """Agrees to the name that was shown and has the certificate made again. `version` is that of the name."""

    certificate: int
    version: int


class ChangeName(PersonalAction, name="certificates:name"):
    """Asks for another name, before the certificate is made."""


class NoCertificate(Action, name="certificates:none"):
    """Breaks off; no certificate is made."""


class SeeCertificate(PersonalAction, name="certificates:see"):
    """Shows one certificate of the person."""

    certificate: int


class GetCertificate(PersonalAction, name="certificates:get"):
    """Sends the certificate as a file: a PDF to print, or a picture."""

    certificate: int
    form: Literal["pdf", "png"]


class CorrectName(PersonalAction, name="certificates:correct"):
    """Asks for the right name of a certificate that was made."""

    certificate: int


class GiveUpCertificates(PersonalAction, name="certificates:withdraw"):
    """Takes back the consent to print the name: all certificates of the person are revoked. Asks first unless
    `sure`."""

    sure: bool = False


class CheckCode(Action, name="certificates:check"):
    """Tells what a code says and whether it counts. No button carries this: a link or a typed code leads here."""

    code: str


class SeeCertificatesOfClass(Action, name="certificates:class"):
    """For trainers: who of a class can have a certificate, and who has one."""

    session: int
    page: int = 0


class ConsiderRevokingCertificate(Action, name="certificates:revoke"):
    """For admins: asks why a certificate is to be revoked."""

    certificate: int


class RevokeCertificate(Action, name="certificates:revoked"):
    """For admins: revokes a certificate for this reason (a Revoked)."""

    certificate: int
    reason: Literal["wrong_person", "not_there", "asked"]


class AllowCorrection(Action, name="certificates:allow"):
    """For admins: lets the holder correct the name once more."""

    certificate: int
