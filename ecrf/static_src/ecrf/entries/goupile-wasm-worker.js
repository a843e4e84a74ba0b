import "../goupile/worker.js";
