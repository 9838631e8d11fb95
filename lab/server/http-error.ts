import { BackendError } from "../backend/backend";

/** A method that the API does not have: HTTP 501, the only JSON message without a newline at its end. */
export class NoSuchMethod extends BackendError {
  constructor(method: string, path: string) {
    super(`Method '${method} ${path}' not implemented`, 501);
  }
}

/**
 * A refusal by Proxmox's HTTP server itself, before the API sees the request: the message is the whole
 * body, as plain text (pve-http-server, src/PVE/APIServer/AnyEvent.pm).
 */
export class TransportError extends BackendError {
  constructor(
    message: string,
    status: number,
    readonly body = message,
  ) {
    super(message, status);
  }
}
