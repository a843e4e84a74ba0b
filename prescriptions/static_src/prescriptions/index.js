// Sending and pasting prescriptions, and the review workbench.
import "./plan.css";
import "./review.css";
import "./adjudication.js";
import "./divider.js";
import "./drop.js";
import "./medicines.css";
import "./finder.js";
import "./alerts.css";
import "./evaluation.css";
import "./paste.js";
import "./review.js";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
