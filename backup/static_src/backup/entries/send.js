// Pages of who sends sealed files, or asks for some.
import "../sends/links.js";
import "../sends/sending.js";
