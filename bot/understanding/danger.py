"""Danger to life in everyday words: self-harm, violence, accidents, fire, illness, disasters.

Two kinds of rules. What names a person, a body or a weapon is heard whatever stands beside it. A lone word of danger
("kebakaran", "meledak", "pingsan") is heard unless a word beside it makes it mean something else: "penjualan meledak",
"pingsan lihat harga". A miss may cost a life, a false alarm costs a kind sentence: in doubt it is heard.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bot.understanding.normalise import Text, wordset


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{one})" for one in patterns))


_PERSON: Final = (
    r"(?:saya|kami|suami\w{0,3}|istri\w{0,3}|bapak\w{0,3}|pak|ayah\w{0,3}|abah|papa|ibunda|ibu|ibuk|mama\w{0,2}|mamak"
    r"|bunda"
    r"|anak\w{0,3}|bayi\w{0,3}|balita|adik\w{0,3}|ade|kakak\w{0,3}|abang|nenek|kakek|opung|mertua|cucu|ponakan"
    r"|keponakan"
    r"|teman\w{0,3}|tetangga|peserta|orang|warga|karyawan|pegawai|sopir|supir|pacar|laki|lakiku|bojo\w{0,2}|gadis"
    r"|dia|me|her|him|friend|husband|wife|mother|father|kid|people)"
)
_BODY: Final = (
    r"(?:kepala|tangan|kaki|jari|dada|perut|mata|muka|wajah|badan|kulit|leher|punggung|telinga|lengan|paha)(?:ku|nya)?"
)
_STRIKE: Final = (
    r"(?:di|me|mem|men|meng|menge|nge|ng|ke)?(?:pukul|mukul|gebuk|hajar|tampar|nampar|tonjok|nonjok|aniaya|siksa|nyiksa"
    r"|cekik|nyekik|tusuk|nusuk|bacok|bunuh|tembak|nembak|todong|nodong|sandera|nyandera|culik|nyulik|sekap|nyekap"
    r"|perkosa|cabul|leceh|gerayang|cambuk|nyambuk|jambak|keroyok|tikam|nikam|antem|antam|gaplok|tempeleng|gampar"
    r"|tendang|nendang|sabet|nyabet|banting|seret|nyeret|raba)(?:in|i|kan|an)?"
)
_STRUCK: Final = (
    r"di(?:pukul|gebuk|tampar|tonjok|aniaya|siksa|cekik|tusuk|bacok|bunuh|todong|sandera|culik|sekap|perkosa|cabul"
    r"|leceh|gerayang|cambuk|jambak|keroyok|tikam|antem|gaplok|tempeleng|gampar|raba|begal|rampok|jambret)(?:in|i|kan)?"
)
_WEAPON: Final = (
    r"(?:pisau|parang|golok|celurit|clurit|arit|bedog|linggis|kapak|pistol|senjata|senapan|samurai|badik|kujang|keris"
    r"|mandau|kelewang|balok|knife|gun|machete)"
)
_HOUSE: Final = r"(?:rumah|warung|dapur|pasar|toko|kios|gudang|kamar|kos|kontrakan|gedung|balai|sekolah|house|home)"
_POISON: Final = (
    r"(?:racun|baygon|bensin|minyak tanah|solar|pemutih|pembersih|pestisida|herbisida|obat (?:nyamuk|tikus|serangga"
    r"|rumput|hama)|serangga|sianida|air aki|baterai|kapur barus|poison)"
)
_VEHICLE: Final = r"(?:mobil|motor|bus|bis|angkot|truk|perahu|kapal|sampan|speedboat|becak|bentor|travel|pikap|feri)"
_HELP: Final = r"(?:ambulan|ambulans|ambulance|polisi|pemadam|damkar|sar|dokter|medis|police)"

_SELF_HARM: Final = any_of(
    r" (bunuh|gantung) diri ",
    r" tali (\w+ ){0,4}gantung | bundir | kendat ",
    r" (akhiri|mengakhiri|akhirin|akhirkan|sudahi|menyudahi) (\w+ )?(hidup|nyawa|semua|semuanya|segalanya) ",
    r" tidak (\w+ ){0,2}(kuat|sanggup|mau|tahan|semangat|bisa|mampu|pantas|ingin) (\w+ ){0,2}hidup ",
    r" (hidup|hidupku|hidup saya|saya hidup) (\w+ ){0,2}(percuma|hancur sudah|tidak (ada )?(guna|gunanya|arti|artinya"
    r"|berarti|berguna))",
    r" tidak (ada |punya )?(guna|gunanya|arti|artinya|alasan) (\w+ ){0,3}hidup ",
    r" (capek|cape|lelah|bosan|muak|letih|kesel|putus asa|sia sia) (\w+ ){0,2}hidup (?!di )",
    r" (mau|rasa|rasanya|lebih baik|ingin) (\w+ ){0,3}(hilang|ngilang|menghilang|lenyap|pergi selamanya) (saja"
    r"|selamanya|dari dunia)",
    r" (loncat|lompat|terjun) dari (jembatan|gedung|ruangan|lantai|tebing|atap|menara)",
    r" (loncat|lompat|terjun|nyebur|nyemplung) (saja )?ke (laut|danau|sungai|jurang|sumur|kali|rel|bawah) ",
    r" (buat|untuk) apa (\w+ ){0,2}hidup | killing myself ",
    r" (mau|ingin|rasanya) (\w+ ){0,3}(udahan|sudahan|selesai|berakhir) (\w+ )?hidup| (tidak"
    r"|sudah) (\w+ ){0,3}menyerah saja ",
    r" (menyakiti|sakiti|lukai|melukai|nyakitin) diri",
    r" (potong|iris|sayat|silet|nyilet|gores|ngiris|nyayat) (\w+ )?(nadi|tangan|urat|pergelangan)",
    r" (kill myself|suicide|end my life|end my hidup|hurt myself|self harm) ",
    r" (mau|want) to (mati|die) ",
    r" (tidak|don t) (mau|want) (to )?(live|hidup) ",
    r" overdosis | putus asa | (tidak ada|hilang|kehilangan) harapan (hidup|lagi)? ?$| menyerah (hidup|dengan hidup"
    r"|saja saya)",
    r"^ (\w+ ){0,2}tidak (kuat|tahan|sanggup) lagi (saya |rasanya |hidup |semuanya )*$",
    r" (tidur|pergi|pulang) (\w+ )?selamanya ",
    r" tidur (\w+ ){0,3}tidak (\w+ )?bangun ",
    r" tidak mau bangun lagi | (jadi|hanya) beban (\w+ )?(keluarga|orang)",
    r" (tidak|lebih baik) (\w+ )?(saya )?(ada|lahir|dilahirkan) (lagi )?di dunia",
    r" (lebih|makin) (\w+ ){0,4}(tanpa saya|tidak ada saya|saya tidak ada|kalau saya (mati|pergi|tidak ada)) ",
    r" lebih baik saya (tidak ada|hilang|mati) ",
    r" dunia (\w+ ){0,3}tanpa saya ",
    r" (nyusul|susul|menyusul|ikut) (\w+ ){0,3}(almarhum|almarhumah|mendiang|ke surga|di surga|ke alam) ",
    r" (obat|pil) (\w+ ){0,4}(minum|telan|diminum) (\w+ ){0,2}(semua|banyak|sekaligus) ",
    r" (siapkan|siap|beli|cari|pasang) (\w+ ){0,2}(tali|racun|baygon) (gantung|untuk saya|di kamar|diri)?",
    r" (minum|telan|nenggak) (\w+ )?(obat|pil) (\w+ ){0,3}(banyak|semua|sekaligus|satu botol|segenggam) ",
    r" (peduli|sedih|nangis|nyari|cari) (\w+ ){0,2}kalau (saya )?(mati|tidak ada|hilang|pergi) ",
    r" (tidak (\w+ ){0,2}|sudah (\w+ )?)(kepikiran|kepingin|mau) (\w+ )?hidup lagi ",
    r" (masukan|siapkan) surat wasiat | (pesan|surat) (terakhir|perpisahan) (saya|untuk) ",
    r" (capek|cape|lelah|muak) (\w+ ){0,3}(udahan|sudahan|selesai) | (utang|hutang|pinjol) (\w+ ){0,4}(loncat|lompat"
    r"|terjun) (saja )?$| (nyusul|susul|menyusul) (suami|istri|anak|ibunda|ayah|orang tua|mendiang|almarhum) saja $",
    r" (hidup saya|hidupku) (\w+ )?(selesai|berakhir|tamat) | pergi untuk (selamanya|selama lama)",
    r" (dang|tidak) tahan (\w+ )?(hidup|mangolu) ",
    r" (no reason|do not|don t|not) (\w+ ){0,2}(live|be alive) ",
)
_WISH_TO_DIE: Final = any_of(
    r" (mau|rasa|rasanya|lebih baik|mending|niat|kepikiran|kepingin|pilih|siap|biar|ingin) (\w+ ){0,3}mati ",
    r" (saya|biar|biarkan) (\w+ )?mati (saja|lah|sekarang)? ?$",
    r"^ mati (ma|ma au|au|saja|wae|bae) (saya |au )?$",
)
_FOR_SURE: Final = any_of(
    # violence
    rf" {_STRUCK} ",
    r" (kdrt|pemerkosaan|pelecehan|penculikan|raped|kidnap\w*|abused|stabbed|robbed) ",
    rf" {_PERSON} (\w+ ){{0,4}}{_STRIKE} (\w+ ){{0,3}}{_PERSON} ",
    rf" {_STRIKE} (saya|kami|istri|ibunda|ibu|anak|adik|dia) ",
    rf" (mau|akan|ingin|hendak) {_STRIKE} (saya|kami) ",
    r" (pegang|dipegang|sentuh|disentuh|remas|diremas) (pegang )?(\w+ )?(saya|dada|paha|pantat|kemaluan|badan) ",
    r" (dipaksa|maksa|memaksa) (\w+ ){0,3}(berhubungan|seks|tidur|telanjang|buka baju) | foto telanjang ",
    rf" (ngamuk|mengamuk|berantem|berkelahi|tawuran|kejar|ngejar|dikejar|maling|preman|mabuk|acungkan|acungin|todongkan"
    rf"|ancam|mengancam|he has|she has|pegang) (\w+ ){{0,5}}{_WEAPON} ",
    rf" (bawa|mawa|ngeluarin|keluarkan) {_WEAPON} (\w+ ){{0,4}}(ngamuk|kejar|ancam|marah|masuk)",
    r" (maling|perampok|rampok|pencuri|begal) (\w+ ){0,4}(masuk|dobrak|bobol|congkel|rumah|kamar|bersenjata|senjata) ",
    r" (dobrak|mendobrak|didobrak|breaking into|broke into) ",
    rf" {_HOUSE} (\w+ ){{0,3}}(dimasuki|disatroni|dibobol) ",
    r" (ngumpet|sembunyi|bersembunyi) (\w+ ){0,5}(kamar|mandi|lemari|takut|wc|rumah) ",
    r" (takut|sieun|wedi) (\w+ ){0,6}(diikuti|dibuntuti|ngintip|mengintip|gedor|dipegang|digerayangi) ",
    r" (ikuti|ikutin|ikut|ngikutin|buntuti|buntutin|dibuntuti|diikuti|nguntit|dikuntit|intip|ngintip|gedor|gedor gedor)"
    r" (\w+ ){0,5}takut ",
    r" (anak|gadis|istri|adik|bayi) (\w+ ){0,3}(dibawa kabur|dibawa lari|diculik) ",
    r" (kejam|kasar) (\w+ )?suami | suami (\w+ ){0,4}(mabuk|ngamuk|mengamuk|kasar|kejam)",
    r" (takut|ketakutan|sieun) (\w+ ){0,5}(suami|mabuk|dipukul|diapa apakan|ngamuk)",
    r" (dikurung|disekap|dikunci|dirantai|diikat|kurung) (\w+ ){0,3}(rumah|kamar|dapur|suami|gudang|luar|dalam) ",
    r" tidak bisa keluar (\w+ ){0,3}(dikunci|kunci|suami|disekap|kamar|rumah) ",
    r" (dikuntit|dibuntuti|diikuti|diuntit) (\w+ ){0,2}(orang|laki|motor|mobil|preman|mantan) ",
    r" (preman|orang|mantan|suami|pemuda|warga) (\w+ ){0,2}(ngamuk|mengamuk|ngancam|mengancam|acungkan) ",
    r" di (begal|rampok|jambret|culik|pukul|tampar|cekik|tusuk|bacok|perkosa|sekap|ancam|todong|keroyok|leceh|aniaya"
    r"|bunuh|tendang|banting)(i|kan|in)? (?!rata|harga)",
    r" suami (saya )?(\w+ )?(pukul|mukul|tampar|tendang|cekik|banting|gebuk|hajar|siksa|jambak|seret)\w* ",
    r" (tawuran|perkelahian|bentrokan|kerusuhan|rusuh|penembakan|penusukan|pembunuhan|pembacokan|pengeroyokan) (\w+"
    r" ){0,3}(di|depan|dpn|dekat|sini|sekarang|warga|kelas|jalan) ",
    r" (ada|dekat|terjadi|ada yang) (penembakan|penusukan|pembacokan|perampokan|begal|tawuran|ledakan) ",
    r" (melecehkan|mencabuli|dilecehkan|ngelecehin|lecehkan|dicabuli|memperkosa|perkosa|diraba|digerayangi) ",
    r" (suami|istri|bapak|pacar|laki|mantan|ayah) (\w+ ){0,3}main tangan | main tangan (\w+ )?(sama|ke) (saya|anak) ",
    r" (mau|ancam|diancam|mengancam) (\w+ ){0,2}(dibakar|bakar) (rumah|saya|kami|anak|toko|hidup)"
    r"| (rumah|toko|saya|kami) (\w+ )?(mau |akan )(dibakar|bakar) (?!ikan|ayam|jagung|sate)",
    r" (disiram|siram|kena|kesiram|tersiram) (air keras|cairan keras|bensin|minyak panas|air panas) ",
    r" kemalingan $| (pencurian|pencurinya|pencuri) (\w+ )?(di|masuk) (kelas|rumah|sini|kamar) ",
    r" dipaksa (\w+ ){0,2}(layani|melayani|kerja tanpa|menikah|nikah|jadi (psk|pelacur)) ",
    r" (suami|laki|bapak|pacar|mantan|ayah|majikan|bos) (\w+ ){0,3}(siksa|nyiksa|menyiksa|menyakiti|sakiti|nyakitin"
    r"|lukai|melukai) (saya|anak|istri|ibunda|kami|badan|$)",
    r" (berantem|berkelahi|baku hantam|baku pukul|adu jotos|saling pukul) (\w+ ){0,3}(kelas|sini|depan|tolong|parah"
    r"|berdarah|ruang|ruangan) ",
    r" (dirampas|rampas|dijambret|jambret|dirampok) (\w+ ){0,5}(ancam|diancam|jatuh|luka|pisau|orang|jalan) ",
    # accidents
    rf" (tiang|tenda|tembok|pohon|baliho|genteng|plafon|atap|tangga|panggung|lantai|kursi|jembatan|rak) (\w+ ){{0,3}}"
    rf"(roboh|rubuh|ambruk|runtuh|jebol|jatuh|tumbang|patah) (\w+ ){{0,4}}(ketimpa|tertimpa|timpa|nimpa|menimpa"
    rf"|ketindih|orang|luka|kena|ada yang|{_PERSON}) ",
    r" (ketindih|tertindih|ketindihan|kelindes|kelindas|terlindas|kegencet|tergencet|kejepit|terjepit|ketiban|kecebur"
    r"|tercebur|nyebur|kejeblos|terperosok|kejatuhan) (\w+ ){0,4}(mobil|truk|motor|bus|tembok|genteng|pohon|pintu"
    r"|mesin|sumur|kolam|kali|sungai|laut|got|selokan|parit|jurang|lubang|batu|orang|besi|tabung|batang|danau"
    r"|waduk|bendungan) ",
    rf" {_PERSON} (\w+ ){{0,3}}(nyebur|kecebur|tercebur|kelelep|kelindes|kelindas|ketindih|tertindih|kejatuhan) ",
    r" (ada (yang|orang)|(ada )?mobil|motor|bus) (\w+ ){0,3}(nyebur|kecebur|tercebur|masuk) (\w+ )?(ke )?(sumur"
    r"|jurang|sungai|kali|laut|kolam|danau|got|parit) ",
    r" (jari|tangan|rambut|kaki|baju|kerudung|jilbab) (\w+ ){0,3}(masuk|kegulung|tergulung|ketarik|tersangkut|nyangkut"
    r"|kena|kejepit|kepotong) (\w+ ){0,2}(mesin|gilingan|gerinda|gergaji|mixer|blender|kipas|roda|rantai|parutan) ",
    r" (kena|kesiram|tersiram|ketumpahan|kecipratan|kecebur|kejilat) (\w+ )?(minyak|air|kuah|api|uap|bensin)"
    r" (panas|mendidih|panas panas) ",
    r" (nabrak|menabrak|tabrak|ditabrak|keserempet) (\w+ ){0,4}(luka|parah|meninggal|berdarah|pingsan|orang|pohon"
    r"|tiang|warung|toko|truk|patah|korban) ",
    r" (rem|motor|mobil|bus|truk) (\w+ ){0,3}blong ",
    r" (lift|lif|elevator) (\w+ ){0,3}(macet|mati|jatuh) (\w+ ){0,3}(orang|dalam|sesak|terjebak|kejebak) ",
    # accidents, as they are told
    rf" {_VEHICLE} (\w+ ){{0,4}}(terbalik|kebalik|terguling|masuk jurang|terjun|karam|tenggelam|terbakar|kebakar) ",
    rf" {_PERSON} (\w+ ){{0,4}}(tertabrak|ketabrak|ditabrak|terlindas|kelindes|tergilas|terserempet|keserempet|kejepit"
    rf"|terjepit|kegencet|tergencet|tertimpa|ketimpa|ketiban|kegiles|kesiram|tersiram|kepotong|terpotong|tersedak"
    rf"|keselek|kesedak|tertimbun|ketimbun|terkubur) ",
    r" (tabrakan|tertabrak|ketabrak|tabrak lari) (\w+ ){0,5}(luka|parah|korban|meninggal|gerak|orang|depan|jalan|truk"
    r"|motor|mobil|kereta) ",
    r" (tertimpa|ketimpa|nimpa|menimpa|tertimbun) (\w+ ){0,3}(orang|rumah|mobil|warga|anak|tembok|bangunan) ",
    rf" {_PERSON} (\w+ ){{0,3}}(jatuh(?! bangun)|terjatuh|kepleset|terpeleset|ambruk|roboh"
    rf"|tersungkur) (\w+ ){{0,4}}(atap|pohon"
    rf"|tangga|genteng|jurang|sumur|motor|mandi|gerak|bangun|sadar|pingsan|kepala|berdarah|patah|jembatan|tebing|kali"
    rf"|sungai|laut|mata\w*) ",
    rf" {_BODY} (\w+ ){{0,4}}(putus|bocor|melepuh|remuk|robek|sobek|ngelupas|patah|terbakar|kebakar|kejepit|terjepit"
    rf"|kepotong|terpotong|hancur) ",
    r" darah (\w+ ){0,3}(banyak|terus|deras|ngucur|mengucur|muncrat|netes|bercucuran|tidak berhenti|keluar) ",
    r" (ngucur|muncrat|mengucur) (\w+ ){0,2}darah | muntah darah ",
    r" (bacok|tusuk|pukul|tembak) an ",
    r" (jari|tangan|kaki) (\w+ ){0,3}(mesin|gilingan|gerinda) ",
    # illness
    rf" {_PERSON} (\w+ ){{0,5}}tidak (\w+ )?(sadar|sadarkan|gerak|bergerak|napas|nafas|bernapas|bernafas|respon) ",
    rf" {_PERSON} (\w+ ){{0,4}}tidak (\w+ ){{0,2}}bangun (\w+ ){{0,2}}(tadi|juga|lagi|lantai|badan\w*) ",
    r" (badan|muka|wajah|bibir|mulut)(nya)? (\w+ ){0,2}(dingin|biru|kebiruan|membiru|kaku)"
    r" | bayi (\w+ ){0,3}(biru|tidak (mau )?(nangis|menangis|minum)) ",
    r" (asma|jantung|ayan|epilepsi|sesak) (\w+ ){0,3}kambuh | kesurupan | meninggal (mendadak|di (kelas|tempat|jalan"
    r"|sini)) ",
    rf" {_PERSON} (\w+ ){{0,4}}(pingsan|kejang|sesak|kritis|sekarat|stroke|strok|keracunan|kesetrum|tersetrum) ",
    r" dada(ku|nya)? (\w+ ){0,4}(sakit|sesak|nyeri|ditindih|tertindih|terbakar) ",
    r" (tidak|susah|sulit) (\w+ )?(bisa )?(napas|nafas|bernapas|bernafas) ",
    r" (mulut|wajah|muka|bibir)(nya)? (\w+ ){0,3}(miring|mencong|mengsle|perot|pelo) ",
    r" (keselek|tersedak|kesedak) ",
    rf" (minum|diminum|keminum|menelan|nelan|telan|tertelan|ketelan|nenggak|tenggak|makan) (\w+ ){{0,2}}{_POISON} ",
    r" (digigit|dipatuk|dipagut|kena|disengat|gigit) (\w+ )?(bisa )?(ular|kobra|kalajengking|tawon) ",
    r" (kesambar|tersambar|disambar) (petir|kilat|listrik) ",
    r" (mau|sudah) (melahirkan|lahiran|brojol) (\w+ ){0,4}(sini|tolong|jalan|sekarang|bidan) | ketuban ",
    r" (mau) (melahirkan|lahiran) | (pendarahan|perdarahan) ",
    rf" {_PERSON} (\w+ ){{0,4}}(kolaps|kolap|collapse|collapsed|ambruk|tumbang|roboh|semaput|kelenger|lemas sekali"
    rf"|lemas banget|kejang|overdosis) (?!usaha|bisnis)",
    r" (ada (yang|orang)|ada peserta|seseorang|someone|somebody) (\w+ ){0,2}(kolaps|kolap|ambruk|collapsed|kejang"
    r"|overdosis|sesak|jatuh tiba|sekarat|kritis|keracunan|muntah darah|tidak bangun) ",
    r" (kolaps|collapsed|passed out|not breathing|tidak breathing|heart attack|choking|unconscious|seizure) (\w+ )"
    r"{0,2}$",
    rf" {_PERSON} (\w+ ){{0,2}}tidak (\w+ )?bangun (bangun )?(dari |sejak |sudah |lagi |tidak )",
    r" (pelo|mencong|perot|lumpuh|lemas|lemes|lumpuh) (\w+ ){0,3}(sebelah|separuh|mendadak|tiba tiba) "
    r"| (sebelah|separuh) (badan|tubuh|tangan) (\w+ )?(lumpuh|lemas|lemes|mati rasa|kebas) ",
    r" muntah (\w+ ){0,2}darah | (batuk|berak|kencing) darah ",
    r" (semua|satu kelas|peserta|orang|banyak yang) (\w+ ){0,4}(muntah|keracunan|pusing) (\w+ ){0,3}$",
    r" (makan|minum|nasi|katering|jajanan) (\w+ ){0,6}muntah (muntah )?(\w+ ){0,2}(semua|massal|lemas)? ?$",
    rf" (keminum|tertelan|ketelan|ketelen|menelan|nelan|telan|kemasukan) (\w+ ){{0,2}}({_POISON}|koin|baterai|batu"
    rf"|jarum|paku|sabun|biji\w*|kelereng|peniti|duri) ",
    r" (digigit|gigit|dicakar) (\w+ )?(anjing|monyet|kera|buaya|ular|hiu|kucing) (\w+ )?(gila|rabies|liar|berdarah"
    r"|parah|robek|besar|hutan|kena) | diterkam | (buaya|hiu) (\w+ ){0,3}(gigit|serang|menyerang|makan) ",
    r" (disengat|kena sengat|tersengat) (\w+ ){0,3}(tawon|lebah|kalajengking|ubur|listrik|ikan pari) ",
    r" (pendarahan|perdarahan|keguguran|kontraksi|ketuban) (?!modal)",
    r" (bumil|ibu hamil|istri|adik|kakak|saya|orang hamil) (\w+ ){0,4}(mau|sudah|akan|hampir) (\w+ )?(lahiran"
    r"|melahirkan|brojol) ",
    # fire, water, earth
    r" api (\w+ ){0,3}(tidak|belum|susah|sulit) (\w+ )?(padam|mati|matikan|dipadamkan|dimatikan|berhenti) ",
    r" api (nya )?(\w+ ){0,2}(sampai|ke|naik|masuk|kena) (\w+ )?(atap|rumah|gorden|plafon|dinding|kamar|dapur|kabel"
    r"|langit|tembok|kasur|tetangga) ",
    r" (ada|keluar|muncul|percikan|timbul|lihat) api (\w+ ){0,2}(di |dari |kabel |listrik |gardu |rumah |besar |gede "
    r"|atap |gudang |pasar |$)(?!kompor|tungku|unggun|lilin)",
    r" api (\w+ )?(di|dari) (\w+ ){0,2}(rumah|toko|warung|dapur|gudang|kelas|atap|pasar|sebelah|tetangga|plafon|kabel"
    r"|listrik|gedung|ruangan|ruang|lantai|hutan|lahan|kebun) (?!kompor|unggun|tungku)",
    r" (listrik|kabel|stop kontak|colokan|meteran|trafo|korsleting|korslet|konslet|gardu|tiang) (\w+ ){0,4}(api|asap"
    r"|terbakar|kebakar|meledak|kebakaran) ",
    r" asap (\w+ ){0,3}(dari|masuk|banyak|tebal|hitam|pekat|penuh) (\w+ ){0,2}(rumah|kelas|ruang|ruangan|gudang|toko"
    r"|warung|dapur|atap|plafon|gedung|kamar|tetangga|kami|pasar) ",
    r" (kompor|tungku|oven|genset|motor|mobil|kabel|colokan) (\w+ ){0,6}(kebakar|terbakar|meleduk|meledug|meledak"
    r"|njeblug|menyambar|tidak bisa (dimatikan|matikan)) ",
    r" (dapur|rumah|warung|toko|kelas|gudang|kios) (\w+ ){0,2}(ada )?api (gede|besar|membesar|nyala|berkobar) ",
    r" (dilalap|lalap) (\w+ ){0,2}(api|jago) | jago merah ",
    r" (bau|tercium|cium|nyium) (\w+ )?gas (\w+ ){0,3}(menyengat|nyengat|banget|kuat|tajam|pusing|mual|bocor|dapur"
    r"|kelas|ruangan|rumah|banyak|keras|sekali) ",
    r" (tabung|gas|elpiji|lpg|regulator|selang gas) (\w+ ){0,2}(bocor|ngowos|mendesis|desis|ngeses|ssss?|bunyi desis"
    r"|meledug|meleduk|meledak|bunyi) ",
    r" (keracunan|hirup|kehirup|menghirup) (\w+ )?(gas|asap|karbon|genset|bensin) ",
    r" (banjir|air|rob|arus|lumpur) (\w+ ){0,4}(masuk|merendam|rendam|genangi|menggenangi) (\w+ ){0,2}(rumah|kamar"
    r"|warung|kelas|kampung|desa|dapur) (?!galon|hujan)",
    r" (banjir|air) (\w+ ){0,5}(selutut|lutut|sepaha|sepinggul) ",
    r" (banjir|air) (\w+ ){0,3}(tinggi|naik terus|makin tinggi|deras|datang) (\w+ ){0,5}(dalam|anak|tolong|atap"
    r"|terjebak"
    r"|kejebak|evakuasi|ngungsi|mengungsi|rumah) ",
    r" (rumah|kampung|desa|kami) (\w+ ){0,2}(banjir|kebanjiran|kerendam|terendam) (\w+ ){0,4}(tinggi|parah|tolong"
    r"|dalam|evakuasi|dada|atap|anak|ngungsi) ",
    r" (kebawa|terbawa|terseret|keseret|dibawa|hanyut) (\w+ )?(arus|banjir|ombak|air|sungai|lumpur) ",
    r" (longsor|tanah longsor|tebing) (\w+ ){0,3}(nutup|menutup|menimpa|nimpa|timpa|kubur|kena|rumah|jalan ada|orang"
    r"|rumah\w*) (\w+ ){0,2}(rumah|orang|warga|bibi|korban|kami|mobil|motor)? ?(?!jadi)",
    r" (perahu|kapal|sampan|speedboat|feri|klotok|jukung|kano|boat) (\w+ ){0,3}(bocor|kemasukan|terbalik|kebalik"
    r"|tenggelam|karam|pecah|oleng|hanyut|belum (balik|pulang|kembali)|mati mesin) (?!harga|pindah)",
    r" (ombak|gelombang) (\w+ )?(tinggi|besar) (\w+ ){0,4}(tolong|mesin|hilang|terbalik|tengah laut|hanyut) ",
    r" (nelayan|suami|bapak|ayah|anak|paman|kapal|perahu) (\w+ ){0,3}hilang (\w+ ){0,2}(ombak|laut|melaut|kontak"
    r"|hutan|gunung|arus|sungai|pantai) | hilang di (laut|hutan|gunung|sungai|pantai) ",
    r" (gempa|gempa bumi) (\w+ ){0,6}(rubuh|roboh|retak|runtuh|ambruk|ketindih|korban|luka|jebol) ",
    r" (sirine|sirene|peringatan|ada) tsunami | tsunami (datang|bunyi|di|lari) ",
    r" (rumah|tembok|atap|kelas|bangunan|gedung) (\w+ ){0,2}(rubuh|robuh) ",
    r" (ngungsi|mengungsi|diungsikan|pengungsian) (\w+ ){0,4}(atap|masjid|gunung|bukit|balai|sekolah|tinggi|banjir"
    r"|gempa|tolong) ",
    r" (omah|imah|rumah|umah|griya|warung)\w* (\w+ )?(kobong|kahuruan|tabakar|kabakar|kobongan|kabongan|kebong)"
    r"| (geni|seuneu|apuy) (\w+ ){0,2}(gede|ageung|ana|mburub)| ana geni ",
    rf" {_HOUSE} (\w+ ){{0,4}}(kebakar|terbakar|kebakaran|dilalap|roboh|ambruk|runtuh|on fire) ",
    r" (kompor|tabung|gas|elpiji|kilo) (\w+ ){0,3}(meledak|meleduk|njeblug|terbakar|kebakar) ",
    r" (gas|elpiji|lpg|tabung) (\w+ ){0,2}bocor ",
    r" api (\w+ ){0,4}(nyamber|menyambar|merambat|menjalar|berkobar|kobar|membesar|besar sekali|besar banget) ",
    r" api (besar|gede) (\w+ ){0,3}(di|rumah|dapur|tetangga) ",
    rf" {_PERSON} (\w+ ){{0,4}}(tenggelam|hanyut|kelelep|terseret|keseret) ",
    r" (banjir|air) (\w+ ){0,5}(sepinggang|sedada|seleher|dada|pinggang|leher|dadah) ",
    rf" {_HOUSE} (\w+ ){{0,2}}(kemasukan|kerendam|terendam) (\w+ )?(banjir|air) ",
    r" (terjebak|kejebak|terkepung|terkurung) (\w+ ){0,3}(banjir|api|kebakaran|longsor|dalam) (?!jalan)",
    r" (kami|warga|orang) (\w+ ){0,3}(di|naik) (\w+ )?atap ",
    r" gempa (\w+ ){0,5}(roboh|ambruk|retak|tolong|runtuh|tertimpa|ketimpa|korban|lari) ",
    r" gunung (\w+ )?(meletus|erupsi) | puting beliung (\w+ ){0,4}(atap|rumah|terbang) ",
    r" pohon tumbang (\w+ ){0,4}(nimpa|menimpa|timpa|kena|orang|rumah|mobil) ",
    r" air laut (\w+ ){0,3}(naik|tinggi|surut|masuk) (\w+ ){0,3}(lari|tinggi|warga|rumah|tsunami) ",
    r" (ada|ancaman) bom | bom (meledak|di) ",
    # missing
    r"(?:^| tolong| tolongin| kak| bu| pak| min| maaf) (anak|suami|istri|ibunda|ibu|ayah|bapak|cucu|adik|bayi|nenek"
    r"|kakek) (\w+ ){0,2}(hilang|diculik) (?!selera|akal|semangat|minat|fokus|arah|modal|uang)",
    r" (anak|suami|istri|ibunda|ayah|bapak|adik|nenek|kakek) (\w+ ){0,5}(belum|tidak) (\w+ )?(pulang|balik|kembali"
    r"|ketemu|ditemukan) (\w+ ){0,3}(hari|kemarin|semalam|malam|laut|melaut|hutan|hp (mati|tidak)) ",
    r" (belum|tidak) (ketemu|ditemukan) (\w+ ){0,3}(anak|suami|bapak|ayah|korban) | (hanyut|tenggelam|perahu)"
    r" (\w+ ){0,4}belum ketemu ",
    # help wanted
    rf" (panggil|panggilkan|butuh|minta|perlu|kirim|kirimkan|hubungi|telepon) (\w+ ){{0,2}}{_HELP} (?!tidak )",
    rf" tolong {_HELP} | {_HELP} tolong ",
    r" tolong (\w+ ){0,5}(banjir|evakuasi|selamatkan|diselamatkan|darurat|kebakaran|kecelakaan) ",
    r" (nomor|no|telepon|telpon|hotline|kontak) (\w+ )?(damkar|pemadam|polisi|ambulan|ambulans|ambulance|sar|basarnas)"
    r" (?!tidur)",
    r" (tolong|panggil|telepon|butuh|minta|cari) (\w+ ){0,2}(bidan|dokter|pemadam|tim sar|basarnas|pak rt|satpam) ",
    r" (saya|kami|anak|istri|suami|dia|nyawa) (\w+ ){0,3}(dalam bahaya|terancam|in danger) ",
)
_A_WORD: Final = any_of(
    r" (diancam|ancam|mengancam|ngancam) (?!hukum)",
    r" di(hajar|tendang|banting|seret|tembak|sabet)(in|i|kan)? ",
    r" (hit|hits|hitting|beat|beating|beats) (me|us|her|my|saya) | (diteror|teror|neror|dikejar) (\w+ ){0,3}(orang"
    r"|preman|rentenir|suami|mantan)",
    rf" bawa {_WEAPON} (?!tidak |sendiri )",
    r" (perampok|perampokan|kemalingan sekarang|maling masuk) ",
    r" (kebakaran|terbakar|kebakar|meledak|ledakan|meleduk) ",
    r" (on fire|there is a fire|house fire) ",
    r" (kecelakaan|laka|tertabrak|ketabrak|ditabrak|nabrak orang|rem blong) | (mabuk|mabok) (\w+ ){0,3}(ngamuk"
    r"|mengamuk) ",
    r" (pingsan|semaput|kelenger|kapiuhan|faint\w*|unconscious) ",
    r" (tidak|seng) (sadar|sadarkan|bernapas|bernafas|napas|nafas) ",
    r" (sesak|susah|sulit) (napas|nafas|bernapas|bernafas) ",
    r" (serangan jantung|stroke|kejang|kejang kejang|step|keracunan|kesetrum|tersetrum|kesetrom) ",
    r" berdarah ",
    r" (tenggelam|hanyut|kelelep|tertimbun|tertimpa|terjebak|terperosok|tersesat di hutan) ",
    r" (tsunami|banjir bandang|(tolong|kami|rumah|saya) (\w+ ){0,4}longsor|longsor (\w+ ){0,4}(tolong|kami|rumah"
    r"|korban|orang)) ",
    r" (saya luka|terluka|luka parah|luka berat|luka bakar|luka luka|yang luka|banyak luka|patah tulang|patah kaki"
    r"|patah tangan) ",
    r" (tembok|atap|bangunan) (\w+ ){0,3}(roboh|ambruk|runtuh) ",
    r" (bleeding|injured|hurt badly|drowning|people are hurt|car accident) | asap tebal ",
    r" (jatuh|terjatuh|kejatuhan|tertusuk|kesabet|tersayat|kena) (\w+ )?(dari )?(motor|tangga|atap|pohon|parang"
    r"|pisau|setrum|listrik|api) (?!rusak)",
    r" (sakit|kondisi|keadaan) (parah|keras|kritis|gawat) ",
    r" (ambulan|ambulans|ambulance|darurat|emergency|sos|gawat darurat|sekarat|kritis) ",
    r" (nyawa (\w+ ){0,2}(terancam|melayang|taruhan\w*|bahaya)|(selamatkan|ancam|mengancam) (\w+ )?nyawa) ",
    r" (in danger|danger) ",
    r" (kobong|kobongan|nyetrum|air bah|penuh asap|(orang|yang|kami) ketimbun|keruntuhan) ",
    r" kena (tusuk|bacok|tembak|panah|peluru|celurit) ",
    r" (kaku|kebiruan|membiru) (\w+ )?badan | badan (\w+ )?(kaku|kebiruan|membiru) ",
    r" muntah (muntah )?(terus|tidak berhenti|darah) | hamil (\w+ ){0,4}(darah|berdarah|kejang|jatuh|pingsan) ",
    r" (buaya|hiu|babi hutan|gajah|harimau) (\w+ ){0,2}(gigit|serang|menyerang|masuk|ngamuk|makan) ",
    r" (kunci|kunciin|kunciku|kurung|sekap) (saya|kami|anak|ibunda) (\w+ )?di ",
)
_NO_DANGER: Final = any_of(
    r" (mati (lampu|listrik|suri|kutu|rasa|gaya|hp|air|sinyal)|(lampu|listrik|hp|tikus|air|sinyal|mesin|motor|kompor"
    r"|api|tanaman|ayam|ikan) (\w+ )?mati) ",
    r" (tikus|nyamuk|kecoa|lalat|hama|kutu|semut|gulma|rumput|ulat|wereng|jamur) ",
    r" (film|sinetron|drama|novel|lagu|game|berita|konten|asuransi|drakor|simulasi|jokes|pantun|dongeng|mimpi) ",
    r" (harga|jual|jualan|beli) (\w+ )?(racun|obat|alat) | (sopir|supir|jual|beli|sewa) (\w+ )?(ambulan|ambulans) ",
    r" (pesanan|orderan|penjualan|order|viral|diskon|promo|kerjaan|cucian|tugas|utang budi|tempe|omzet|omset|laku"
    r"|laris|ongkir|harga|dompet|kantong|pedas|pedasnya|rasanya di mulut|keyword|pencarian|iklan|views) ",
    r" (dana|lampu|pintu|kontak|nomor|tas|obat) darurat ",
    r" (stok|barang|modal|dagangan|produk|paket|usaha|keuangan) (\w+ ){0,3}(ketimbun|tertimbun|tenggelam|terjebak"
    r"|sekarat) (?!anak|orang|saya|kami)",
    r" jatuh (cinta|tempo|harga) | pukul (\d|berapa|rata)| gaskeun | gas (poll?|terus|saja) ",
    r" darurat (\w+ )?(modal|uang|dana|usaha) | (dekat|sebelah|samping|depan|belakang) (\w+ )?(pemadam"
    r"|damkar)( kebakaran)? ",
    r" (postingan|akun|video|konten|toko|produk) (\w+ )?tenggelam | tenggelam (di |oleh )?(antara |sama )?(pesaing"
    r"|saingan|algoritma|postingan) ",
    r" terjebak (macet|hujan|kemacetan|banjir di jalan|nostalgia) ",
    r" (gosong|wajan|masakan|kue|roti|ayam|ikan|bumbu|sate|adonan|telur|popcorn|ban|balon|petasan|kembang api) (\w+ )?"
    r"(terbakar|kebakar|meledak|meleduk|meletus) ",
    r" (terbakar|kebakar) (cemburu|semangat|matahari|jenggot) ",
    r" (usaha|jualan|toko|harga|bisnis|laptop|pasar|program|warung|omset) (sudah |mau |hampir |saya |makin "
    r"|sepi ){0,3}mati"
    r" (?!rasa|saja|saya)",
    r" (kucing|anjing|sapi|kambing|bebek|burung|kelinci|lele|bibit|pohon|oven|mixer|kulkas|tv|laptop"
    r"|genset) (\w+ ){0,2}(mati|keracunan|pingsan) ",
    r" mati (an|matian|ketawa|tawa|gaya|kebosanan|rasa|penasaran|kutu|suri|lampu|listrik|hp) | (ketawa|tawa|setengah"
    r"|cinta|harga) (\w+ )?mati ",
    r" (tenggelam|hanyut) (dalam|di) (pekerjaan|pasar|lautan|kenangan|pesanan|halaman) ",
    r" (jadwal|kelas|acara|jam) (\w+ ){0,3}(tabrakan|bentrok) | (tabrakan|bentrok) (\w+ ){0,2}(jadwal|kelas|acara"
    r"|jam) ",
    r" (perlu|harus|wajib|boleh|disuruh) bawa | bawa (\w+ )?sendiri ",
    r" (cara|tips|belajar) (\w+ ){0,2}(menolong|nolong|mengatasi|mencegah|cegah|hindari|menghindari|memadamkan"
    r"|padamkan) ",
    r" (bukan|bukannya|tidak ada|tidak ada yang|tidak sampai|tidak jadi|belum ada|untung tidak|syukur tidak) (\w+ )?"
    r"(kebakaran|kecelakaan|luka|terluka|pingsan|meledak|korban|berdarah|darurat|tabrakan) ",
)
_LONG_AGO: Final = any_of(
    r" (tahun|bulan|minggu) (lalu|kemarin|dulu) ",
    r" (dulu|pernah|alhamdulillah|katanya|tidak ada korban|jaman dulu|hoax|hoaks|dengar kabar|sudah sembuh|sudah pulih"
    r"|sudah aman) ",
)
_ALARM_WHOLE: Final = any_of(
    r" tolong tolong ",
    r"^ (tolong|help|bantuan|tulung|tulungan)( tolong)* (saya|me|kami|kuring)( sekarang| tolong| cepat| please)* $",
    r"^ (tolong )?(darurat|sos|kebakaran|penembakan|gempa) $",
    r"^ (tolong )?gawat (\w+ )?(sekali|gawat|darurat|banget) (tolong )?$",
    r"^ tolong (cepat|sekarang|cepetan)( \w+)? $",
)
_NOT_FOR_SURE: Final = any_of(
    r" (dipukul|pukul) rata | (dekat|sebelah|samping|depan|belakang) (\w+ )?(pemadam|damkar) kebakaran $",
    r" (film|sinetron|drama|novel|lagu|game|drakor|dongeng|mimpi|pantun|jokes|berita|simulasi|macet total) ",
    r" (harga|tikus|hama|semut|kecoa) (\w+ ){0,2}(bunuh|dibunuh|banting|dibanting) | (bunuh|banting) (\w+ )?(harga"
    r"|waktu"
    r"|tikus|hama|semut|kecoa|nyamuk) ",
    r" (bukan|tidak ada yang|untung tidak|syukur tidak|tidak jadi) (\w+ ){0,2}(pingsan|kebakaran|terbakar|luka|jatuh"
    r"|meledak|tenggelam|tabrakan|hilang) ",
)
_CRIES: Final = wordset("tolong toling tulung tulungi help")
_BESIDE_CRIES: Final = wordset("please kak kakak mas mbak bu pak saya ya")
VOCABULARY: Final = wordset(
    "buaya gigit harimau hiu panah peluru nyetrum ketimbun kejang parkiran"
    "maling lari larinya putus linggis golok celurit clurit bedog badik parang kapak pistol senapan strok stroke"
    " tumbang"
    " nimpa menimpa ketimpa ketiban kebalik terbalik terguling kejepit terjepit kegencet tersiram kesiram melepuh"
    " ngelupas meleduk njeblug nyamber menyambar merambat menjalar berkobar ngucur muncrat ambruk roboh mencong miring"
    " pelo keselek tersedak kesedak ngumpet sembunyi gedor buntuti ngintip dobrak didobrak perampok bom hanyut terseret"
    " keseret kelelep gempa erupsi meletus tsunami sepinggang sedada seleher dada dadaku biru kaku dingin nyilet silet"
    " sayat almarhum almarhumah mendiang surga sieun wedi tabrakan tertabrak ketabrak terlindas kesambar tersambar"
    " petir"
    " ular kobra tawon terbang percuma alasan tali gantung brojol lahiran bidan damkar medis gebukin digebukin digebuk"
    " tonjok gaplok tempeleng gampar antem ngantem ngantemi raba meraba raba dijambak keroyok dikeroyok tikam ditikam"
    " hajar dihajar sandera disandera todong ditodong bacok kanai bensin pestisida baygon pemutih sianida jurang karam"
    " terbakar kebakar dilalap hangus puting beliung ledakan kritis sekarat kejang ngejar dikejar berantem"
    " tawuran pencurian udahan jago kebawa nyilet tgn"
    " muntah jari gilingan rata mending kemasukan kuring kolaps semaput pelo selutut lutut api asap padam gorden plafon"
    " tali begal jambret kelindes kelindas ketindih kecebur tercebur nyebur desis mendesis ngowos menyengat nyengat"
    " rubuh jebol tenda korslet konslet korsleting geni kobong kahuruan tulung tulungan seng bernapas bernafas"
    " sirine ngungsi mengungsi evakuasi blong pemadam damkar kesiram mendidih tersedak jambak"
    " pulang dibunuh bunuh ngamuk mengamuk mabuk kejam kasar semalam melaut"
)
"""Words of danger as they are typed: typing errors are not corrected away from them."""


def denied(text: Text) -> bool:
    """Returns whether the text has a word of danger that means something else here, or that is denied."""
    return bool(_NO_DANGER.search(text.line) or _NOT_FOR_SURE.search(text.line) or _LONG_AGO.search(text.line))


class Seen(NamedTuple):
    """Which rules find danger in a text."""

    self_harm: bool
    sure: bool
    word: bool


def seen(text: Text) -> Seen:
    """Returns which rules find danger in the text: self-harm or a wish to die, something that names who is hurt or how,
    a lone word of danger or a cry for help."""
    line = text.line
    return Seen(
        self_harm=bool(_SELF_HARM.search(line) or _WISH_TO_DIE.search(line)),
        sure=bool(_FOR_SURE.search(line)),
        word=bool(_A_WORD.search(line) or _ALARM_WHOLE.search(line)),
    )


def cried(text: Text) -> bool:
    """Returns whether the text is nothing but "tolong" or "help", which may be danger, and may be the beginning of any
    request."""
    words = set(text.tokens)
    return bool(words & _CRIES) and words <= _CRIES | _BESIDE_CRIES


RULES: Final = (_SELF_HARM, _A_WORD)
"""The rules whose words typing errors are corrected towards."""
