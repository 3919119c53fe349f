// The reader of this page, and the ear for scanners that type. The page asks for them before anything else, so that they are
// there when the camera is, and when somebody scans a moment after opening it.

import { Decoder } from "./decode.js";
import { config } from "./page.js";
import "./wedge.js";

export const decoder = new Decoder(config);
