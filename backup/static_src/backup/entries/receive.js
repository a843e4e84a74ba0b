// Pages of whoever has a link.
import "../sends/receiving.js";
import "../sends/sending.js";
