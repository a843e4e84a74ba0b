// The engine of backups in a thread of its own: keys and clear contents live here, away from the page's.
import { serve } from "../engine/worker/serve.js";

serve(self);
