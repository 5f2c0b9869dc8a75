const root = document.body.dataset.root;
const input = document.querySelector("input[type=search]");
const list = document.querySelector("search ol");
const details = document.querySelector("nav details");
const wide = matchMedia("(min-width: 60rem)");
const follow = () => details.open = wide.matches;
wide.addEventListener("change", follow);
follow();

let sections;
input.addEventListener("input", async () => {
  sections ??= await (await fetch(root + "search.json")).json();
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const score = ({ title, page, text }) => {
    const [heading, all] = [(page + " " + title).toLowerCase(), text.toLowerCase()];
    let sum = 0;
    for (const word of words) {
      if (heading.includes(word)) sum += 10;
      else if (all.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  };
  const found = words.length === 0 ? [] : sections.map((section) => [score(section), section])
    .filter(([sum]) => sum > 0).sort(([a], [b]) => b - a).slice(0, 12);
  list.replaceChildren(...found.map(([, { title, page, url }]) => {
    const link = Object.assign(document.createElement("a"), { href: root + url, textContent: title });
    const small = Object.assign(document.createElement("small"), { textContent: page });
    const item = document.createElement("li");
    link.append(small);
    item.append(link);
    return item;
  }));
  if (words.length > 0 && found.length === 0) list.append("Nothing found");
  list.hidden = words.length === 0;
});
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === "Escape") {
    input.value = "";
    list.hidden = true;
  }
});
