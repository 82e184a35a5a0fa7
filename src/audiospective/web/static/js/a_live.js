/* Renews parts of the page in place: fetches the page anew and exchanges each [data-live] part of which the server says something else,
   but for one in which somebody waits for an answer. What was fetched before something that is already shown is too old to be shown.
   It is compared with what the server said before, since scripts add to what is shown: whoever reads a chart by keys keeps their place. */
globalThis.audiospective ??= {};
const shown = {}, said = {};
for (const part of document.querySelectorAll("[data-live]")) said[part.dataset.live] = part.innerHTML;
let fetched = 0;
/* Whoever stands in a part stands at the same link again, or in the same place; what they opened stays open. */
const PLACES = "a[href], button, summary, [tabindex]";
const exchange = (part, fresh) => {
  const places = () => [...part.querySelectorAll(PLACES)], one = document.activeElement, at = places().indexOf(one);
  const open = [...part.querySelectorAll("details")].map((each) => each.open);
  part.replaceChildren(...fresh);
  part.querySelectorAll("details").forEach((each, place) => { each.open ||= Boolean(open[place]); });
  return () => {
    const now = at < 0 ? [] : places(), address = one.getAttribute("href"), there = now[Math.min(at, now.length - 1)];
    const isIt = (each) => !address || each.getAttribute("href") === address;
    (there && isIt(there) ? there : now.find(isIt) ?? there)?.focus({ preventScroll: true });
  };
};
audiospective.renew = async (...names) => {
  const mine = ++fetched;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html"), backs = [];
  for (const old of document.querySelectorAll("[data-live]:not(:has([aria-busy=true]))")) {
    const name = old.dataset.live;
    if ((names.length && !names.includes(name)) || mine < shown[name]) continue;
    shown[name] = mine;
    const now = fresh.querySelector(`[data-live="${name}"]`);
    if (!now || now.innerHTML === said[name]) continue;
    said[name] = now.innerHTML;
    backs.push(exchange(old, now.childNodes));
  }
  document.dispatchEvent(new CustomEvent("renewed")); // charts can be reached from here on
  for (const back of backs) back();
  return true;
};
audiospective.json = async (address, options = {}) => {
  const failed = document.querySelector(".toasts").dataset.failed;
  const answer = await fetch(address, { ...options, headers: { Accept: "application/json", ...options.headers } })
    .catch(() => { throw new Error(failed); });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message ?? failed);
  return body;
};
audiospective.wait = (ms) => new Promise((done) => setTimeout(done, ms));
