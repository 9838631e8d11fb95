/** The picture of the README: what a browser showed, side by side. */
import type { Browser } from "playwright-core";

/** Writes the shots, PNG each and of one height, into one PNG file on a transparent ground. */
export async function savePicture(
  browser: Browser,
  shots: readonly Buffer[],
  path: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 820 } });
  const images = shots.map(
    (shot) => `<img src="data:image/png;base64,${shot.toString("base64")}">`,
  );
  await page.setContent(
    `<style>
      body { margin: 0; width: max-content; display: flex; gap: 24px; padding: 12px; }
      img { border-radius: 12px; border: 1px solid #8884; }
    </style>${images.join("")}`,
  );
  await page.locator("body").screenshot({ path, omitBackground: true });
  await page.close();
}
