// A list keeps its place: a link back to it leads to the search, order and page that one left.
const key = (path) => `place:${path}`;

function remember() {
  if (!document.querySelector(".table-results")) return;
  sessionStorage.setItem(key(location.pathname), location.search);
}

remember();
document.addEventListener("htmx:pushedIntoHistory", remember);
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[data-keeps-place], .crumbs a");
  if (!link || link.search || link.origin !== location.origin) return;
  link.search = sessionStorage.getItem(key(link.pathname)) ?? "";
});
