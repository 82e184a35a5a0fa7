/* Renews parts of the page in place: fetches the page anew and exchanges each [data-live] part that differs. */
globalThis.audiospective ??= {};
audiospective.renew = async (...names) => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    if (names.length && !names.includes(old.dataset.live)) continue;
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
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
