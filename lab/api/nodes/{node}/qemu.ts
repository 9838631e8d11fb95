import type { Reply } from "../../../server/context";

/** GET /nodes/{node}/qemu: the lab has no virtual machines. */
export const GET = (): Reply => ({ data: [] });
