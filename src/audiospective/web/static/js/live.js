/* Renews an open page when its listener's history has changed elsewhere. Without this file a reload shows the same. */
const root = document.documentElement;

if (root.dataset.version && document.querySelector("[data-live]")) {
  let known = Number(root.dataset.version), source, waiting = false;
  const renew = async () => {
    const box = document.activeElement?.closest("[data-live] input, [data-live] select, [data-live] textarea, dialog[open]");
    if (box || document.querySelector('[data-import][data-state="running"]')) { waiting = true; return; }
    waiting = false;
    await audiospective.renew().catch(() => {});
  };
  const listen = () => {
    source = new EventSource("/api/live");
    source.addEventListener("history", (event) => {
      if (Number(event.data) === known) return;
      known = Number(event.data);
      renew();
    });
  };
  document.addEventListener("focusout", () => { if (waiting) setTimeout(renew); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) source.close(); else listen(); });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  if (!document.hidden) listen(); else source = { close() {} };
}
