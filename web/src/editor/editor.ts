/** The editor of a text, loaded only where somebody edits. */

import { autocompletion, completeFromList } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { oddsAt } from "../core/elements.ts";

export interface Finding {
  line: number;
  column: number;
  length: number;
  message: string;
  help: string;
  severity: string;
}

export interface Editor {
  text(): string;
  /** Shows what is wrong, by lines and columns from 1 on. */
  show(findings: Finding[]): void;
  go(line: number): void;
  find(): void;
  destroy(): void;
}

/** Over a cost or a want: what its size is in odds. */
const odds = hoverTooltip((view, at) => {
  const line = view.state.doc.lineAt(at);
  const words = oddsAt(view.state.doc.toString(), line.number, at - line.from);
  if (!words) return null;
  return {
    pos: at,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "cm-odds";
      dom.textContent = words;
      return { dom };
    },
  };
});

/**
 * An editor inside an element's shadow root: its styles are the root's own, which the page's
 * content security policy allows without any inline style.
 */
export function editorIn(
  place: HTMLElement,
  text: string,
  readOnly: boolean,
  words: string[],
  changed: () => void,
  save: () => void,
  moved: (line: number) => void,
): Editor {
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  root.replaceChildren();
  const inner = document.createElement("div");
  root.append(inner);
  const view = new EditorView({
    parent: inner,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        bracketMatching(),
        syntaxHighlighting(defaultHighlightStyle),
        yaml(),
        lintGutter(),
        search({ top: true }),
        autocompletion({ override: [completeFromList(words.map((label) => ({ label })))] }),
        EditorState.readOnly.of(readOnly),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "text of the file" }),
        EditorView.updateListener.of((u) => {
          if (u.docChanged) changed();
          if (u.docChanged || u.selectionSet) moved(u.state.doc.lineAt(u.state.selection.main.head).number);
        }),
        odds,
        EditorView.theme({
          "&": { fontSize: "13px", height: "70vh", border: "1px solid #b9b4a8" },
          ".cm-odds": { padding: "4px 8px", maxWidth: "340px", font: "12px/1.4 system-ui, sans-serif" },
          ".cm-scroller": { fontFamily: "ui-monospace, Menlo, Consolas, monospace" },
        }),
        keymap.of([
          { key: "Mod-s", run: () => (save(), true) },
          ...defaultKeymap,
          ...historyKeymap,
          ...searchKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
      ],
    }),
  });
  view.scrollDOM.tabIndex = 0; // it can be scrolled by keys
  return {
    text: () => view.state.doc.toString(),
    show(findings) {
      const { doc } = view.state;
      const found = findings.map((f): Diagnostic => {
        const line = doc.line(Math.min(Math.max(1, f.line), doc.lines));
        // Columns count characters, the editor counts code units.
        const before = [...line.text].slice(0, f.column - 1).join("").length;
        const own = [...line.text].slice(f.column - 1, f.column - 1 + f.length).join("").length;
        const from = Math.min(line.to, line.from + before);
        return {
          from,
          to: Math.min(line.to, Math.max(from + own, from)),
          severity: f.severity === "warning" ? "warning" : "error",
          message: f.help ? `${f.message}\n${f.help}` : f.message,
        };
      });
      view.dispatch(setDiagnostics(view.state, found));
    },
    go(line) {
      const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
      view.dispatch({ selection: { anchor: at.from }, effects: EditorView.scrollIntoView(at.from, { y: "center" }) });
      view.focus();
    },
    find: () => void openSearchPanel(view),
    destroy: () => view.destroy(),
  };
}
