import { BackendError } from "../backend/backend";

/** A request with bad parameters: HTTP 400 with Proxmox's `errors` map, one text per parameter. */
export class ParameterError extends BackendError {
  constructor(override readonly errors: Readonly<Record<string, string>>) {
    super("Parameter verification failed.", 400, errors);
  }
}
