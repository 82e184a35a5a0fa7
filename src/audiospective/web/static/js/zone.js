/* Whoever has never said where they are is where their browser is; said once, and changed in Settings from then on. */
if (document.documentElement.dataset.zone) (globalThis.requestIdleCallback ?? setTimeout)(async () => {
  if (localStorage.getItem("zone-told")) return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone; // the browser's first look at its zones: 20 ms, on a phone more
  if (!here || here === "UTC") return;
  localStorage.setItem("zone-told", here);
  try {
    await audiospective.json("/api/settings", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ timeZone: here }) });
    location.reload();
  } catch { /* Settings has it too */ }
});
