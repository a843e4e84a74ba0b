// Sealed files in a thread of their own: what is read and sent is encrypted and opened away from the page.
import { serve } from "../engine/worker/serve.js";
import { sealingCalls } from "../engine/worker/sealing.js";
import { spoolCalls } from "../engine/worker/spool.js";
import { piecesStore } from "../sends/pieces.js";
import { requestCalls } from "../sends/envelopes.js";

serve(self, { ...sealingCalls(piecesStore), ...spoolCalls(), ...requestCalls() });
