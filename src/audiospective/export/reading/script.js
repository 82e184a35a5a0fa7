"use strict";
/* Plays as columns: when (seconds of the listener's clock), of which track, ms heard (-1: not told). */
const tracks = new Map(), at = [], of = [], heard = [];
function archive(part) {
  for (const [id, name, artists, album, kind, length] of part.tracks) tracks.set(id, { name, artists, album, kind, length, text: fold(`${name} ${artists} ${album}`) });
  let when = part.first;
  for (let place = 0; place < part.of.length; place++) { when += part.steps[place]; at.push(when); of.push(part.of[place]); heard.push(part.ms[place]); }
}
function fold(text) { return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); }

const SIZE = 100;
let hits = [], shown = 0;
const part = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString(document.documentElement.lang);
const say = (text, told) => text.replace(/\{(\w+)\}/g, (_, name) => number(told[name]));
const day = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 16);
const long = (ms) => ms < 0 ? "" : `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

function search() {
  const words = fold(part("words").value).split(/\s+/).filter(Boolean), year = part("year").value;
  const from = year ? Date.UTC(year, 0) / 1000 : -Infinity, till = year ? Date.UTC(+year + 1, 0) / 1000 : Infinity;
  const wanted = new Set();
  for (const [id, track] of tracks) if (words.every((word) => track.text.includes(word))) wanted.add(id);
  hits = [];
  for (let place = at.length - 1; place >= 0; place--) if (wanted.has(of[place]) && at[place] >= from && at[place] < till) hits.push(place);
  const { all, found } = part("said").dataset;
  part("said").textContent = say(words.length || year ? found : all, { n: hits.length, all: at.length });
  part("found").tBodies[0].replaceChildren();
  shown = 0;
  more();
  light(words.length > 0 || year !== "");
}

function more() {
  const rows = part("found").tBodies[0];
  for (const place of hits.slice(shown, shown + SIZE)) {
    const track = tracks.get(of[place]), row = rows.insertRow();
    for (const text of [day(at[place]), track.name, track.artists, track.album, long(heard[place])]) row.insertCell().textContent = text;
    row.lastElementChild.className = "n";
  }
  shown += SIZE;
  part("more").hidden = shown >= hits.length;
}

/* The chart counts as the page says: 30 seconds or more, music alone. */
function counts(place) {
  const track = tracks.get(of[place]), ms = heard[place];
  return track.kind === 0 && (ms < 0 || ms >= 30000);
}

function light(on) {
  const chart = part("months"), bars = new Map([...chart.querySelectorAll(".bar")].map((bar) => [bar.dataset.month, bar]));
  for (const old of chart.querySelectorAll(".lit")) old.remove();
  if (!on) return;
  const plays = new Map(), most = Math.max(1, ...[...bars.values()].map((bar) => +bar.dataset.plays));
  for (const place of hits) if (counts(place)) { const month = day(at[place]).slice(0, 7); plays.set(month, (plays.get(month) ?? 0) + 1); }
  for (const [month, count] of plays) {
    const bar = bars.get(month);
    if (!bar) continue;
    const mark = bar.cloneNode(false), height = Math.max(count / most * 100, .8);
    mark.setAttribute("class", "lit");
    mark.setAttribute("height", height);
    mark.setAttribute("y", 102 - height);
    chart.append(mark);
  }
}

function ready() {
  let waiting;
  part("find").hidden = false;
  part("plain").hidden = true;
  part("every").hidden = false;
  part("find").addEventListener("submit", (event) => event.preventDefault());
  part("words").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  part("year").addEventListener("change", search);
  part("more").addEventListener("click", more);
  search();
}
