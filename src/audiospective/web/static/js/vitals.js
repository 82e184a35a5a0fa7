/* How fast this page came up, told once when it is left; nothing of whom. Without the browser's own measure of a figure it isn't told. */
const told = {}, watched = (type, see, options = {}) => {
  try { new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true, ...options }); } catch { /* not measured here */ }
};
watched("paint", (one) => { if (one.name === "first-contentful-paint") told.fcp = one.startTime; });
watched("largest-contentful-paint", (one) => { told.lcp = one.startTime; told.cls ??= 0; told.tbt ??= 0; });
watched("first-input", (one) => { told.fid = one.processingStart - one.startTime; });
watched("event", (one) => { if (one.interactionId) told.inp = Math.max(told.inp ?? 0, one.duration); }, { durationThreshold: 16 });
watched("layout-shift", (one) => { if (!one.hadRecentInput) told.cls = (told.cls ?? 0) + one.value; });
watched("longtask", (one) => { told.tbt = (told.tbt ?? 0) + Math.max(0, one.duration - 50); });
let gone = false;
const tell = () => {
  if (gone || told.lcp === undefined) return;
  gone = true;
  navigator.sendBeacon("/api/vitals", new Blob([JSON.stringify(told)], { type: "application/json" }));
};
addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") tell(); });
addEventListener("pagehide", tell);
