"""Certificates: people take theirs, anybody checks a code, trainers see who has one, admins revoke.

/sertifikat -> one that can be had -> the name -> the name shown -> [Benar, buat] -> PDF, picture

mine      the person's own: the list, one of them, its files, the consent taken back
taking    the name asked for, shown, agreed to; a name corrected
checking  a code, by link or typed
staff     who of a class has one; revoking
parts     what these screens have in common
"""

from __future__ import annotations

from typing import Final

from bot.actions.certificates import (
    AllowCorrection,
    AskCertificate,
    ChangeName,
    CheckCode,
    ConsiderRevokingCertificate,
    CorrectName,
    GetCertificate,
    GiveUpCertificates,
    NoCertificate,
    RevokeCertificate,
    SeeCertificate,
    SeeCertificates,
    SeeCertificatesOfClass,
    TakeCertificate,
    TakeCorrection,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import certificates
from bot.turns.router import Conversation, command, tap, typed
from handlers.certificates.checking import check_asked_for, code_checked, code_typed
from handlers.certificates.mine import (
    certificate_asked_for,
    certificates_asked_for,
    consent_withdrawn,
    file_asked_for,
)
from handlers.certificates.parts import CERTIFICATE, NAME, PREVIEW
from handlers.certificates.staff import (
    certificates_of_class_asked_for,
    correction_allowed,
    revoked,
    revoking_considered,
)
from handlers.certificates.taking import (
    broken_off,
    certificate_taken,
    correction_asked_for,
    correction_taken,
    name_asked_again,
    name_change_asked_for,
    name_not_read,
    name_wanted,
    name_written,
    something_learnt,
)


def handlers() -> Handlers:
    naming = Conversation(
        CERTIFICATE,
        entry_points=[tap(AskCertificate, name_wanted), tap(CorrectName, correction_asked_for)],
        states={
            NAME: [typed(name_written)],
            PREVIEW: [
                tap(TakeCertificate, certificate_taken),
                tap(TakeCorrection, correction_taken),
                tap(ChangeName, name_change_asked_for),
                typed(name_not_read),
            ],
        },
        fallbacks=[tap(NoCertificate, broken_off), command("batal", broken_off)],
        resume=name_asked_again,
    )
    return [
        naming,
        # tapped a second time, or on an old message
        tap(TakeCertificate, certificate_taken),
        tap(TakeCorrection, correction_taken),
        tap(ChangeName, name_change_asked_for),
        tap(NoCertificate, broken_off),
        command("sertifikat", check_asked_for),
        tap(SeeCertificates, certificates_asked_for),
        tap(SeeCertificate, certificate_asked_for),
        tap(GetCertificate, file_asked_for),
        tap(GiveUpCertificates, consent_withdrawn),
        tap(CheckCode, code_checked),
        tap(SeeCertificatesOfClass, certificates_of_class_asked_for),
        tap(ConsiderRevokingCertificate, revoking_considered),
        tap(RevokeCertificate, revoked),
        tap(AllowCorrection, correction_allowed),
    ]


CAPABILITY: Final = Capability(
    "certificates",
    handlers,
    commands=(Command("sertifikat", "participant", place=65),),
    data=certificates.DATA,
    hears_first=code_typed,
    speaks_last=something_learnt,
)
