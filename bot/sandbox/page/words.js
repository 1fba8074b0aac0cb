// What the page itself says (the bot's own words come from the bot), and how it writes dates and hours.

const WORDS = {
  id: {
    title: "Mode coba",
    strip_mode: "Mode coba: bukan Telegram sungguhan.",
    strip_names: "Nama bertanda “contoh” hanyalah contoh.",
    other_language: "EN",
    other_language_label: "Switch this page to English",
    as: "sebagai",
    switch_label: "Ganti orang, sekarang {name}",
    unread: "{n} pesan belum dibaca",
    tools: "Alat lain",
    conversation: "Percakapan",
    status_bot: "bot",
    status_typing: "sedang mengetik…",
    status_connecting: "menyambung…",
    empty_title: "Belum ada percakapan",
    empty_text: "Ketuk Mulai untuk menyapa bot ini.",
    start: "Mulai",
    unblock_big: "Buka blokir bot",
    composer: "Pesan",
    send: "Kirim",
    commands: "Daftar perintah",
    keyboard: "Tombol jawaban",
    attach: "Lampirkan",
    attach_photo: "Foto",
    attach_sample: "Foto contoh",
    attach_document: "Berkas",
    attach_location: "Lokasi",
    attach_contact: "Kontak",
    to_bottom: "Ke pesan terbaru",
    close: "Tutup",
    ok: "Oke",
    cancel: "Batal",
    share: "Bagikan",
    open: "Buka",
    edited: "diedit",
    from_bot: "Bot",
    from_person: "Anda",
    time_title: "Waktu",
    moved: "waktu dipindah",
    travel_short: "Maju",
    time_row: "Waktu dan perjalanan waktu. Sekarang {day}, {clocks}",
    clocks: "Jam tiga zona. Pilih zona untuk jam di percakapan",
    zone_label: "{time} {zone}. Pakai untuk jam di percakapan",
    travel_hour: "+1 jam",
    travel_day: "+1 hari",
    travel_next: "Ke pengingat berikutnya",
    travelling: "Waktu sedang dipindah…",
    arrived: "Sampai di {when}.",
    next_due: "Berikutnya: {when} ({relative}).",
    no_due: "Belum ada pengingat yang menunggu.",
    people_title: "Bicara sebagai",
    participant: "Peserta",
    trainer: "Pelatih",
    admin: "Admin",
    has_blocked: "memblokir bot",
    add_person: "Tambah orang",
    add_name: "Nama",
    tools_title: "Alat lain",
    deep_link: "Buka tautan bot",
    deep_link_placeholder: "t.me/…?start=…",
    deep_link_hint: "Tempel tautan dari poster atau kode setelah “start=”.",
    block: "Blokir bot",
    unblock: "Buka blokir bot",
    block_hint: "Seperti peserta yang memblokir bot di Telegram.",
    location_title: "Pilih lokasi",
    coordinates: "Atau tulis koordinat",
    coordinates_wrong: "Tulis lintang dan bujur, misalnya -8.50, 119.89.",
    contact_title: "Bagikan nomor telepon?",
    contact_text: "Bot akan menerima nomor contoh milik orang ini.",
    picture: "Gambar",
    photo: "Foto",
    download: "Unduh {name}",
    voice: "Pesan suara",
    play: "Putar pesan suara",
    pause: "Jeda",
    location: "Lokasi",
    map_label: "Peta Indonesia dengan penanda di {where}",
    open_map: "Lihat di openstreetmap.org",
    quiz: "Kuis",
    poll: "Jajak pendapat",
    poll_closed: "ditutup",
    votes: "{n} suara",
    no_votes: "Belum ada suara",
    right: "benar",
    wrong: "salah",
    your_choice: "pilihan Anda",
    explanation: "Penjelasan",
    react: "Beri reaksi",
    reaction: "Reaksi",
    more_text: "Selengkapnya",
    spoiler: "Teks tersembunyi, ketuk untuk membuka",
    today: "Hari ini",
    yesterday: "Kemarin",
    sending: "Mengirim…",
    bad_link: "Kode tautan hanya berisi huruf, angka, _ dan -, paling banyak 64.",
    other_bot: "Tautan itu milik bot lain, jadi tidak dibuka di sini.",
    unknown_button: "Tombol ini belum bisa dipakai dalam mode coba.",
    no_answer: "Bot belum menjawab ketukan ini.",
    offline: "Belum tersambung ke server mode coba. Coba lagi sebentar lagi.",
    failed: "Maaf, belum berhasil: {error}.",
    kept: "Tulisan Anda tetap ada di kotak pesan.",
    earlier: "Pesan sebelumnya",
    forwarded: "Diteruskan",
    video: "Video",
    new_person: ["Dewi", "Made", "Rahmat", "Yohana", "Agus", "Fitri", "Lukas", "Nur"],
  },
  en: {
    title: "Trial mode",
    strip_mode: "Trial mode: this is not the real Telegram.",
    strip_names: "Names marked “contoh” are samples.",
    other_language: "ID",
    other_language_label: "Ganti halaman ini ke bahasa Indonesia",
    as: "as",
    switch_label: "Change person, now {name}",
    unread: "{n} unread messages",
    tools: "More tools",
    conversation: "Conversation",
    status_bot: "bot",
    status_typing: "typing…",
    status_connecting: "connecting…",
    empty_title: "No conversation yet",
    empty_text: "Tap Start to greet this bot.",
    start: "Start",
    unblock_big: "Unblock the bot",
    composer: "Message",
    send: "Send",
    commands: "Commands",
    keyboard: "Answer buttons",
    attach: "Attach",
    attach_photo: "Photo",
    attach_sample: "Sample photo",
    attach_document: "File",
    attach_location: "Location",
    attach_contact: "Contact",
    to_bottom: "To the newest message",
    close: "Close",
    ok: "OK",
    cancel: "Cancel",
    share: "Share",
    open: "Open",
    edited: "edited",
    from_bot: "Bot",
    from_person: "You",
    time_title: "Time",
    moved: "time moved",
    travel_short: "Travel",
    time_row: "Time and time travel. Now {day}, {clocks}",
    clocks: "Clocks of the three zones. Choose the zone for the hours in the chat",
    zone_label: "{time} {zone}. Use it for the hours in the chat",
    travel_hour: "+1 hour",
    travel_day: "+1 day",
    travel_next: "To the next reminder",
    travelling: "Moving the time…",
    arrived: "Arrived at {when}.",
    next_due: "Next: {when} ({relative}).",
    no_due: "No reminder is waiting yet.",
    people_title: "Talk as",
    participant: "Participant",
    trainer: "Trainer",
    admin: "Admin",
    has_blocked: "has blocked the bot",
    add_person: "Add a person",
    add_name: "Name",
    tools_title: "More tools",
    deep_link: "Open a bot link",
    deep_link_placeholder: "t.me/…?start=…",
    deep_link_hint: "Paste the link of a poster, or the code after “start=”.",
    block: "Block the bot",
    unblock: "Unblock the bot",
    block_hint: "Like a participant who blocks the bot in Telegram.",
    location_title: "Choose a location",
    coordinates: "Or type coordinates",
    coordinates_wrong: "Type latitude and longitude, for example -8.50, 119.89.",
    contact_title: "Share the phone number?",
    contact_text: "The bot will receive this person's sample number.",
    picture: "Picture",
    photo: "Photo",
    download: "Download {name}",
    voice: "Voice message",
    play: "Play the voice message",
    pause: "Pause",
    location: "Location",
    map_label: "Map of Indonesia with a pin at {where}",
    open_map: "See on openstreetmap.org",
    quiz: "Quiz",
    poll: "Poll",
    poll_closed: "closed",
    votes: "{n} votes",
    no_votes: "No votes yet",
    right: "right",
    wrong: "wrong",
    your_choice: "your choice",
    explanation: "Explanation",
    react: "React",
    reaction: "Reaction",
    more_text: "Show more",
    spoiler: "Hidden text, tap to open",
    today: "Today",
    yesterday: "Yesterday",
    sending: "Sending…",
    bad_link: "A link code holds only letters, digits, _ and -, at most 64.",
    other_bot: "That link belongs to another bot, so it is not opened here.",
    unknown_button: "This button cannot be used in trial mode yet.",
    no_answer: "The bot has not answered this tap yet.",
    offline: "Not connected to the trial server. Please try again in a moment.",
    failed: "Sorry, that did not work: {error}.",
    kept: "Your text is still in the message box.",
    earlier: "Earlier message",
    forwarded: "Forwarded",
    video: "Video",
    new_person: ["Dewi", "Made", "Rahmat", "Yohana", "Agus", "Fitri", "Lukas", "Nur"],
  },
};

// The server's refusals are English; those a trainer may well meet are said in their own words.
const REFUSALS = {
  "nothing is due": "belum ada pengingat yang menunggu",
  "time cannot be moved here": "waktu tidak dapat dipindah di sini",
  "this person has blocked the bot": "orang ini memblokir bot",
  "the message has no such button": "tombol ini sudah diganti",
  "no such message": "pesan itu sudah dihapus",
  "the message has no quiz": "pesan itu bukan kuis",
  "the poll is closed": "kuis ini sudah ditutup",
  "this vote cannot be changed": "jawaban kuis tidak dapat diubah",
  "the file is too big": "berkas terlalu besar",
  "the upload cannot be read": "berkas tidak dapat dibaca",
  "there are enough people here": "sudah cukup banyak orang di sini",
  "too long": "terlalu panjang",
};
export const refusalText = (error) => (language === "id" ? REFUSALS[error] ?? error : error);

export const ZONES = { WIB: "Asia/Jakarta", WITA: "Asia/Makassar", WIT: "Asia/Jayapura" };
export const PLACES = [
  ["Labuan Bajo", -8.5, 119.89],
  ["Jayapura", -2.53, 140.72],
  ["Yogyakarta", -7.8, 110.37],
  ["Danau Toba", 2.61, 98.7],
];

// Browsers may refuse storage (private windows, blocked cookies): the page then simply forgets.
export function recall(key, store = "localStorage") {
  try { return window[store].getItem("sandbox." + key); } catch { return null; }
}
export function remember(key, value, store = "localStorage") {
  try { window[store].setItem("sandbox." + key, value); } catch { /* forgotten, which is harmless */ }
}

let language = recall("language") === "en" ? "en" : "id";
export const currentLanguage = () => language;
export function setLanguage(next) { language = next; remember("language", next); }

export function w(key, values = {}) {
  const words = WORDS[language][key] ?? WORDS.id[key] ?? key;
  if (typeof words !== "string") return words;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const formats = new Map();
function format(zone, name, options) {
  const key = `${language}|${zone}|${name}`;
  if (!formats.has(key)) {
    const locale = language === "id" ? "id-ID" : "en-GB";
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: ZONES[zone], ...options }));
  }
  return formats.get(key);
}
// Indonesian hours are written with a full stop (09.05), English with a colon (09:05).
export const hourText = (date, zone) =>
  format(zone, "hour", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(date);
export const dayText = (date, zone) => format(zone, "day", { weekday: "short", day: "numeric", month: "short" }).format(date);
export const longDayText = (date, zone) =>
  format(zone, "long", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(date);
export const momentText = (date, zone) => `${dayText(date, zone)} ${hourText(date, zone)} ${zone}`;

// A day's own number in a zone, to compare two moments: "2025-11-24".
export function dayKey(date, zone) {
  const key = "key|" + zone;
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat("en-CA", { timeZone: ZONES[zone], year: "numeric", month: "2-digit", day: "2-digit" }));
  }
  return formats.get(key).format(date);
}
export function relativeText(milliseconds) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const minutes = Math.round(milliseconds / 60000);
  if (Math.abs(minutes) < 90) return relative.format(minutes, "minute");
  if (Math.abs(minutes) < 48 * 60) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 1440), "day");
}
export function sizeText(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  if (bytes < 1024) return `${number.format(bytes)} B`;
  if (bytes < 1024 * 1024) return `${number.format(bytes / 1024)} KB`;
  return `${number.format(bytes / 1024 / 1024)} MB`;
}
