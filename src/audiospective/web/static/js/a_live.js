/* Renews parts of the page in place: fetches the page anew and exchanges each [data-live] part that differs, but for one in which
   somebody waits for an answer. What was fetched before something that is already shown is too old to be shown. */
globalThis.audiospective ??= {};
const shown = {};
let fetched = 0;
audiospective.renew = async (...names) => {
  const mine = ++fetched;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]:not(:has([aria-busy=true]))")) {
    const name = old.dataset.live;
    if ((names.length && !names.includes(name)) || mine < shown[name]) continue;
    shown[name] = mine;
    const now = fresh.querySelector(`[data-live="${name}"]`);
    if (now && now.innerHTML !== old.innerHTML) old.replaceChildren(...now.childNodes);
  }
  document.dispatchEvent(new CustomEvent("renewed"));
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
