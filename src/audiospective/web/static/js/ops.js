/* Operators' pages renew their figures by themselves; forms stay as they are. */
const renewed = document.querySelector("[data-renew-s]");
if (renewed) setInterval(() => { if (!document.hidden) audiospective.renew().catch(() => {}); }, Number(renewed.dataset.renewS) * 1000);
