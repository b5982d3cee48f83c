// Draws a picture anew with Vega once it comes near the window, so that it answers to the pointer and
// fits its place. Until then, and wherever this cannot run, the drawing in the page stands.
(() => {
  const here = document.currentScript.src;
  let library;
  const vega = () => (library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = here.replace(/picture\.js.*$/, "vega.js");
    script.onload = () => resolve(window.vega);
    script.onerror = reject;
    document.head.append(script);
  }));

  const tip = document.createElement("div");
  tip.className = "picture-tip";
  tip.hidden = true;
  document.body.append(tip);

  function tell(handler, event, item, value) {
    tip.hidden = !value;
    if (!value) return;
    tip.replaceChildren(...Object.entries(value).map(([name, said]) => {
      const line = document.createElement("div");
      line.textContent = `${name}: ${said}`;
      return line;
    }));
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(event.clientY - tip.offsetHeight - 12, 8)}px`;
  }

  async function enliven(figure) {
    const chart = figure.querySelector(".chart");
    const host = document.createElement("div");
    host.className = "live";
    chart.append(host);
    try {
      const { View, parse } = await vega();
      const spec = JSON.parse(figure.querySelector(".chart-data").textContent);
      const view = new View(parse(spec), { renderer: "svg", container: host, hover: true, logLevel: 1 });
      view.tooltip(tell);
      await view.runAsync();
      host.querySelector("svg")?.setAttribute("aria-hidden", "true");
      chart.dataset.ready = "live";
      // Vega asks for its place's width when the window changes, not when the page around it does.
      let wide = host.clientWidth;
      new ResizeObserver(() => {
        if (!host.clientWidth || host.clientWidth === wide) return;
        wide = host.clientWidth;
        view.width(wide).runAsync();
      }).observe(host);
    } catch (error) {
      host.remove();
      chart.dataset.ready = "failed";
      console.error(error);
    }
  }

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) {
        near.unobserve(entry.target);
        enliven(entry.target);
      }
    }
  }, { rootMargin: "300px" });
  document.querySelectorAll("figure.picture").forEach((figure) => near.observe(figure));
})();
