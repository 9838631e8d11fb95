/** What is wrong with a lab, in words; nothing when it is healthy. */
import { initOf } from "./host";
import { isWired } from "./network";
import { packagesAnswer } from "./packages";
import type { Place } from "./place";
import { poweredHosts } from "./powered";
import { serverAnswers } from "./server-process";
import { deadServices } from "./services";

/** One line per problem; what a fault on order has turned off is none. */
export async function problemsOf(place: Place): Promise<readonly string[]> {
  const hosts = poweredHosts(place);
  const down = hosts.filter(({ name }) => initOf(place, name) === undefined);
  const [packages, server] = await Promise.all([packagesAnswer(place), serverAnswers(place)]);
  const dead = hosts
    .filter((host) => !down.includes(host))
    .flatMap((host) =>
      deadServices(place, host).map((service) => `${service.name} on ${host.name} does not serve`),
    );
  return [
    ...down.map(({ name }) => `host ${name} is down`),
    ...(down.length === 0 && !isWired(place) ? ["a cable or a host's network is missing"] : []),
    ...dead,
    ...(packages ? [] : ["the package cache does not answer"]),
    ...(server ? [] : ["the lab's server does not answer"]),
  ];
}
