// The page of a backup's files.
import "../snapshots/browser.js";
