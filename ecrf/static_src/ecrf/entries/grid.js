import "../grid/keys.js";
