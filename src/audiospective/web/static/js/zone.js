/* Whoever has never said where they are is where their browser is; said once, and changed in Settings from then on. */
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (document.documentElement.dataset.zone && here && here !== "UTC" && !localStorage.getItem("zone-told")) (async () => {
  localStorage.setItem("zone-told", here);
  await audiospective.json("/api/settings", { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ timeZone: here }) });
  location.reload();
})().catch(() => {});
