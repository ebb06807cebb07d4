/** Files that a person takes along: tables and pictures, each with what it must be cited by. */

/** Rows as CSV (RFC 4180), a line about their origin behind them. */
export function csv(rows: (string | number)[][], colophon: string): string {
  const cell = (x: string | number): string => {
    const text = String(x);
    // A spreadsheet runs what begins like a formula.
    const plain = typeof x === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
  };
  return [...rows, ["#", colophon]].map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function saveText(text: string, type: string, name: string): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.target = "_blank"; // so that the page does not take it for a change of view
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "font-size", "font-family"];

/** A chart as a file of its own: its looks written into it, its title above, its origin below. */
export async function savePicture(
  drawn: SVGSVGElement,
  title: string[],
  colophon: string,
  kind: "svg" | "png",
  name: string,
): Promise<void> {
  const { svg, width, height } = picture(drawn, title, colophon);
  const text = new XMLSerializer().serializeToString(svg);
  const blob = new Blob([text], { type: "image/svg+xml;charset=utf-8" });
  if (kind === "svg") return saveBlob(blob, `${name}.svg`);
  const image = new Image();
  const address = URL.createObjectURL(blob);
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  canvas.toBlob((png) => png && saveBlob(png, `${name}.png`), "image/png");
}

export function picture(
  drawn: SVGSVGElement,
  title: string[],
  colophon: string,
): { svg: SVGSVGElement; width: number; height: number } {
  const { width, height } = drawn.viewBox.baseVal;
  const svg = drawn.cloneNode(true) as SVGSVGElement;
  const from = drawn.querySelectorAll<SVGElement>("*");
  svg.querySelectorAll<SVGElement>("*").forEach((to, k) => {
    const looks = getComputedStyle(from[k]!);
    for (const look of LOOKS) to.setAttribute(look, looks.getPropertyValue(look));
    to.removeAttribute("class");
  });
  const lines = [...title.flatMap((line) => wrapped(line, 0.115 * width))];
  const foot = wrapped(colophon, 0.155 * width);
  const top = 12 + 19 * lines.length;
  const whole = height + top + 10 + 14 * foot.length;
  const names = "http://www.w3.org/2000/svg";
  svg.setAttribute("xmlns", names);
  svg.setAttribute("viewBox", `0 ${-top} ${width} ${whole}`);
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(whole));
  const paper = document.createElementNS(names, "rect");
  for (const [key, value] of [["x", 0], ["y", -top], ["width", width], ["height", whole], ["fill", "#ffffff"]] as const)
    paper.setAttribute(key, String(value));
  svg.prepend(paper);
  const write = (text: string, y: number, size: number, weight: number): void => {
    const line = document.createElementNS(names, "text");
    line.textContent = text;
    const looks = { x: 8, y, "font-size": size, "font-weight": weight, "font-family": "sans-serif", fill: "#16202b" };
    for (const [key, value] of Object.entries(looks)) line.setAttribute(key, String(value));
    svg.append(line);
  };
  lines.forEach((line, k) => write(line, 18 + 19 * k - top, k ? 13 : 15, k ? 400 : 600));
  foot.forEach((line, k) => write(line, height + 14 + 14 * k, 10.5, 400));
  return { svg, width, height: whole };
}

function wrapped(text: string, most: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1]!;
    if (last && last.length + word.length >= most) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}
