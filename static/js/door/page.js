// Small things every part of the page needs: its elements, its words, its clock, its voice.

export const config = JSON.parse(document.getElementById("config").textContent);
export const element = (id) => document.getElementById(id);

const words = new Map([...element("words").children].map((item) => [item.dataset.key, item.textContent]));

export function word(key, places = {}) {
  return (words.get(key) ?? "").replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}

// 21:22, as everywhere else.
const locale = config.language === "en" ? "en-GB" : config.language;
const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZone: config.zone });
const date = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", timeZone: config.zone });
export const clock = (moment) => time.format(new Date(moment));
export const day = (moment) => date.format(new Date(moment));

let saying = 0;

// Read aloud by a screen reader, once for every call.
export function say(text) {
  element("said").textContent = "";
  clearTimeout(saying);
  saying = setTimeout(() => (element("said").textContent = text), 50);
}

export function note(id, text) {
  element(id).textContent = text;
  element(id).hidden = !text;
}

export function screen(name) {
  document.body.dataset.screen = name;
  element("start").hidden = name !== "start";
  element("door").hidden = name !== "door";
}
