// Shows a form above the list of statements and hides the rows that it does not ask for. Until it has
// run, and wherever it cannot, all rows stand on the page and the form does not.
(() => {
  const form = document.querySelector("form.claim-filter");
  const rows = [...document.querySelectorAll("div.claim")];
  const words = form.querySelector("input");
  const choices = [...form.querySelectorAll("select")];
  const count = form.querySelector(".claim-count");

  const bare = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
  const texts = new Map(rows.map((row) => [row, bare(row.textContent)]));

  function choose() {
    const asked = bare(words.value).split(/\s+/).filter(Boolean);
    const marks = choices.map((choice) => choice.value).filter(Boolean);
    for (const row of rows) {
      row.hidden = !marks.every((mark) => row.classList.contains(mark)) ||
        !asked.every((word) => texts.get(row).includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = `${shown} of ${rows.length} statements shown`;
  }

  // A link to a row that is hidden shows all of them, so that it leads somewhere.
  function reach() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!row?.hidden) return;
    form.reset();
    choose();
    row.scrollIntoView();
  }

  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(choose));
  addEventListener("hashchange", reach);
  addEventListener("pageshow", choose);
  form.hidden = false;
  choose();
})();
