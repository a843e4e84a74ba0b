// Where the screen is too narrow for a bar of links, it scrolls: the link of this page is brought into sight, and again once
// the letters have the width that they keep.
function show() {
  for (const link of document.querySelectorAll(":is(.toolnav, .tabs) [aria-current]")) {
    const bar = link.closest(".toolnav ul, .tabs");
    const { left, width } = link.getBoundingClientRect();
    bar.scrollLeft += left + width / 2 - bar.getBoundingClientRect().left - bar.clientWidth / 2;
  }
}

show();
document.fonts.ready.then(show);
