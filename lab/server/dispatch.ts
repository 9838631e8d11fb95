import { assertMayCall } from "../access/check";
import { BackendError } from "../backend/backend";
import type { LabContext, Reply } from "./context";
import { NoSuchMethod } from "./http-error";
import type { Identity } from "./identity";
import { ParameterError } from "./parameter-error";
import { Params } from "./params";
import { ROUTES, type Route } from "./routes";
import { checkParameters, joinRepeated } from "../schema/check";
import type { ApiSchema } from "../schema/schema";

/** One request, apart from how it came: over HTTPS, or from `pct` on the node. */
export interface ApiRequest {
  readonly method: string;
  /** Path below /api2/json, segments percent-decoded. */
  readonly segments: readonly string[];
  readonly values: ReadonlyMap<string, readonly string[]>;
}

interface Match {
  readonly route: Route;
  readonly path: ReadonlyMap<string, string>;
}

/** The parameters in a path, or undefined when the pattern is another one. */
function matchPath(pattern: string, segments: readonly string[]): Map<string, string> | undefined {
  const parts = pattern.split("/").slice(1);
  if (parts.length !== segments.length) return undefined;
  const path = new Map<string, string>();
  for (const [at, part] of parts.entries()) {
    const segment = segments[at] ?? "";
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined) path.set(name, segment);
    else if (part !== segment) return undefined;
  }
  return path;
}

function findRoute({ method, segments }: ApiRequest): Match {
  for (const route of ROUTES) {
    const path = route.method === method ? matchPath(route.path, segments) : undefined;
    if (path !== undefined) return { route, path };
  }
  throw new NoSuchMethod(method, `/${segments.join("/")}`);
}

/** Parameters of path and request together; one in both must not differ. */
function merged(
  path: ReadonlyMap<string, string>,
  sent: ReadonlyMap<string, string>,
): Map<string, string> {
  const values = new Map(sent);
  for (const [name, value] of path) {
    const other = sent.get(name);
    if (other !== undefined && other !== value) {
      throw new ParameterError({
        [name]: `duplicate parameter (already defined in URI) with conflicting values!`,
      });
    }
    values.set(name, value);
  }
  return values;
}

/** Answers a request: finds the route, checks permission and every parameter, calls the handler. */
export async function dispatch(
  lab: LabContext,
  schema: ApiSchema,
  user: Identity,
  request: ApiRequest,
): Promise<Reply> {
  const { route, path } = findRoute(request);
  const described = schema.find(route.method, route.path);
  // A call that this version of Proxmox does not have is one the lab must not answer either.
  if (described === undefined) {
    throw new NoSuchMethod(route.method, `/${request.segments.join("/")}`);
  }
  const values = merged(path, joinRepeated(described, request.values));
  // As on a node, before the parameters are looked at and before the node is.
  assertMayCall(user, route, values);
  checkParameters(described, values);
  const node = path.get("node");
  if (node !== undefined && !lab.backend.nodes.includes(node)) {
    throw new BackendError(
      `hostname lookup '${node}' failed - failed to get address info for: ${node}: Name or service not known`,
    );
  }
  return route.handler({ lab, user, params: new Params(values) });
}
