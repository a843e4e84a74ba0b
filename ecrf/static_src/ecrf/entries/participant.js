import "../participant/participant.css";
import "../participant/comfort.js";
import "../participant/copy.js";
import "../participant/door.js";
import "../participant/element.js";
