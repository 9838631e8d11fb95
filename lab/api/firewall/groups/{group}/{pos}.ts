/** A rule of a group is like one of a file. */
export { DELETE, GET, PUT } from "../../rules/{pos}";
