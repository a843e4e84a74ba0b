// Pasting a prescription, and the review workbench: text and fields light up together, lines settle from the keyboard.
import "./review.css";
import "./alerts.css";
import "./evaluation.css";
import "./paste.js";
import "./review.js";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
