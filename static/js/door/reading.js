// The reader of this page. The page asks for it before anything else, so that it is there when the camera is.

import { Decoder } from "./decode.js";
import { config } from "./page.js";

export const decoder = new Decoder(config);
