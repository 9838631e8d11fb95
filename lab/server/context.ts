import type { Backend } from "../backend/backend";
import type { Faults } from "../fault/faults";
import type { GuestStore } from "../guest/store";
import type { Identity } from "./identity";
import type { Params } from "./params";
import type { Tasks } from "./tasks";

/** What every handler works with. */
export interface LabContext {
  readonly backend: Backend;
  readonly guests: GuestStore;
  readonly tasks: Tasks;
  /** What goes wrong on order. */
  readonly faults: Faults;
  /** The version that the lab says it is, such as `9.1.2`. */
  readonly version: string;
  /** Checks a password and makes a ticket; undefined when it is wrong. */
  readonly login: (user: string, password: string) => Promise<Login | undefined>;
}

/** What POST /access/ticket answers. */
export interface Login {
  readonly username: string;
  readonly ticket: string;
  readonly CSRFPreventionToken: string;
}

/** One call of the API: who asks for what. */
export interface Call {
  readonly lab: LabContext;
  readonly user: Identity;
  readonly params: Params;
}

/** Values that JSON can hold. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a handler answers: the envelope, `data` and sometimes an attribute next to it. */
export interface Reply {
  readonly data: Json;
  readonly changes?: string;
  readonly total?: number;
}

/** Serves one method of one path; throws BackendError for every refusal. */
export type Handler = (call: Call) => Reply | Promise<Reply>;
