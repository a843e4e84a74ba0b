import "../grid/pictures.js";
