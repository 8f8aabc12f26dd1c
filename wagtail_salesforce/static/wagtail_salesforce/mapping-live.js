// The mapping editor: says what is wrong with a row as it changes, and keeps the preview up to
// date. Nothing is saved by this; without the script the same is said on saving.

(() => {
    const TYPING = 500;
    const CHOOSING = 50;

    // Of several requests only the last one counts: a late answer is about rows of the past.
    const lastOne = (url, form, also = {}) => {
        let running = null;
        return async () => {
            if (running) running.abort();
            const mine = new AbortController();
            running = mine;
            const body = new FormData(form);
            Object.entries(also).forEach(([name, input]) => body.set(name, input.value));
            const response = await fetch(url, {
                method: 'POST',
                body,
                headers: { 'X-Requested-With': 'XMLHttpRequest' },
                signal: AbortSignal.any
                    ? AbortSignal.any([mine.signal, AbortSignal.timeout(20000)])
                    : mine.signal,
            });
            // Who is logged out is sent to a login page, which is no answer.
            if (!response.ok || response.redirected) throw new Error(response.statusText);
            const text = await response.text();
            if (running !== mine) throw new DOMException('', 'AbortError');
            return text;
        };
    };

    const isOutdated = (error) => error.name === 'AbortError';

    const delayed = (work) => {
        let waiting = 0;
        return (delay) => {
            clearTimeout(waiting);
            waiting = setTimeout(work, delay);
        };
    };

    const startCheck = (editor, form) => {
        const ask = lastOne(editor.dataset.checkUrl, form);
        const said = editor.querySelector('[data-ws-map-said]');
        const general = editor.querySelector('[data-ws-map-general]');
        const identifier = form.querySelector('[name="external_id_field"]');
        let changed = null;

        const rowOf = (element) => element.closest('[data-ws-map-row]');

        // Nobody has to hear that a value is missing before having had the chance to give it.
        const isBegun = (row) => {
            const source = row.querySelector('[data-ws-map-source]');
            if (source.value !== 'constant' || !row.contains(document.activeElement)) return false;
            return ![...row.querySelectorAll('.ws-row__constant :is(input, textarea, select)')].some(
                (input) => (input.type === 'checkbox' ? input.checked : input.value),
            );
        };

        const mark = (control, severity) => {
            if (severity === 'error') control.setAttribute('aria-invalid', 'true');
            else control.removeAttribute('aria-invalid');
        };

        const show = (row, found) => {
            const problems = row.querySelector('.ws-row__problems');
            const { severity = '', html = '' } = found && !isBegun(row) ? found : {};
            row.classList.toggle('ws-row--error', severity === 'error');
            row.classList.toggle('ws-row--warning', severity === 'warning');
            mark(row.querySelector('[data-ws-map-source]'), severity);
            if (problems.innerHTML !== html) problems.innerHTML = html;
        };

        const identifierNote = () => {
            let note = form.querySelector('[data-ws-map-identifier]');
            if (note || !identifier) return note;
            note = document.createElement('div');
            note.id = 'ws-map-identifier';
            note.dataset.wsMapIdentifier = '';
            identifier.after(note);
            const known = identifier.getAttribute('aria-describedby') || '';
            identifier.setAttribute('aria-describedby', `${known} ${note.id}`.trim());
            return note;
        };

        const tell = (answer) => {
            if (!changed) return;
            const row = changed.matches('[data-ws-map-row]') ? changed : null;
            const found = row ? answer.rows[row.dataset.wsMapRow] : answer.identifier;
            const label = row ? row.dataset.label : identifier.labels[0].textContent.trim();
            const text = found && found.text && !(row && isBegun(row)) ? found.text : '';
            said.classList.add('w-sr-only');
            said.textContent = text
                ? `${label}: ${text}`
                : editor.dataset.right.replace('%(label)s', label);
        };

        const check = async () => {
            try {
                const answer = JSON.parse(await ask());
                editor.querySelectorAll('[data-ws-map-row]').forEach((row) => {
                    show(row, answer.rows[row.dataset.wsMapRow]);
                });
                if (identifier) {
                    // What the last saving said is outdated now.
                    const field = identifier.closest('[data-field-wrapper]');
                    field?.querySelector('[data-field-errors]')?.replaceChildren();
                    identifierNote().innerHTML = answer.identifier.html;
                    mark(identifier, answer.identifier.severity);
                }
                general.innerHTML = answer.general;
                tell(answer);
            } catch (error) {
                if (isOutdated(error)) return;
                said.classList.remove('w-sr-only');
                said.textContent = editor.dataset.unchecked;
            }
        };
        const soon = delayed(check);

        const noticed = (delay) => (event) => {
            const row = rowOf(event.target);
            if (!row && event.target !== identifier) return;
            changed = row || identifier;
            soon(delay);
            form.dispatchEvent(new CustomEvent('ws-map-changed', { detail: delay }));
        };
        form.addEventListener('input', noticed(TYPING));
        form.addEventListener('change', noticed(CHOOSING));
        // Leaving a row that waits for its value is the moment to say that it is missing.
        editor.addEventListener('focusout', (event) => {
            const row = rowOf(event.target);
            if (row && !row.contains(event.relatedTarget) && row === changed) soon(CHOOSING);
        });
    };

    const startPreview = (editor, form, button) => {
        const result = editor.querySelector('[data-ws-map-result]');
        const told = editor.querySelector('[data-ws-map-previewed]');
        const contact = editor.querySelector('[data-ws-map-contact]');
        // It has no name, so that trying the mapping does not count as changing it.
        const ask = lastOne(button.dataset.wsMapPreview, form, { 'preview-contact': contact });
        let wanted = false;

        const show = async () => {
            wanted = true;
            result.setAttribute('aria-busy', 'true');
            try {
                result.innerHTML = await ask();
            } catch (error) {
                if (isOutdated(error)) return;
                result.textContent = result.dataset.failed;
            }
            result.removeAttribute('aria-busy');
            // The verdict is read out, not the whole table.
            const verdict = result.querySelector('[data-ws-map-verdict]') || result;
            const text = verdict.textContent.replace(/\s+/g, ' ').trim();
            if (told.textContent !== text) told.textContent = text;
        };
        const soon = delayed(show);

        button.addEventListener('click', show);
        form.addEventListener('ws-map-changed', (event) => {
            if (wanted) soon(event.detail + 100);
        });
        contact.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            show();
        });
    };

    const startAll = () => {
        document.querySelectorAll('[data-ws-map]').forEach((editor) => {
            const form = editor.closest('form');
            startCheck(editor, form);
            const button = editor.querySelector('[data-ws-map-preview]');
            if (button) startPreview(editor, form, button);
        });
    };
    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', startAll);
    } else {
        startAll();
    }
})();
