/** How well texts of a page stand out from what is behind them, as WCAG 2 reckons it. */
import type { Page } from "playwright-core";

/** One pair of colours and its ratio, 1 to 21. */
export interface Contrast {
  readonly of: string;
  readonly ratio: number;
}

/** Of every element that has text of its own: its colour, and the first background behind it. */
const pairs = `[...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
  .map((one) => {
    let behind = one;
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)" && behind.parentElement) behind = behind.parentElement;
    return [one.textContent.trim(), getComputedStyle(one).color, getComputedStyle(behind).backgroundColor];
  })`;

/** Every text that is visible now. */
export async function contrast(page: Page): Promise<readonly Contrast[]> {
  const found = await page.evaluate<readonly [string, string, string][]>(pairs);
  return found.map(([of, text, behind]) => {
    const [one = 0, other = 0] = [luminance(text), luminance(behind)].sort((a, b) => b - a);
    return { of, ratio: (one + 0.05) / (other + 0.05) };
  });
}

/** Relative luminance of `rgb(r, g, b)`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((word) => {
    const share = Number(word) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
