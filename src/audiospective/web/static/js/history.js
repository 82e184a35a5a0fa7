/* Looks while somebody types, and brings older plays as the end comes near. Without this file the form and the link do the same. */
const find = document.querySelector("[data-find]");
const { renew } = audiospective;

if (find) {
  let timer;
  const look = async () => {
    const wanted = new URLSearchParams([...new FormData(find)].filter(([, value]) => value && value !== "all"));
    history.replaceState(null, "", wanted.size ? `/history?${wanted}` : "/history");
    await renew("history-head", "history-chips", "history");
    watch();
  };
  find.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 160); });
  find.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); look(); });

  const older = async (link) => {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('[data-live="history"]');
    const days = document.querySelector('[data-live="history"]');
    link.parentElement.remove();
    const last = [...days.children].at(-1), first = parts.firstElementChild;
    if (last?.ariaLabel && last.ariaLabel === first?.ariaLabel) {
      last.querySelector("ol").append(...first.querySelector("ol").children);
      first.remove();
    }
    days.append(...parts.children);
    watch();
  };
  const seen = new IntersectionObserver((entries) => { for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); older(entry.target); } }, { rootMargin: "600px" });
  const watch = () => { const link = document.querySelector("[data-older]"); if (link) seen.observe(link); };
  watch();
}
