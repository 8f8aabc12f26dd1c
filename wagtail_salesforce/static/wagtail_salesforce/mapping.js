// The mapping editor: find rows, show mapped ones only, preview with a contact.
// Without this script all rows are shown, and everything can be edited and saved.

(() => {
    const start = (editor) => {
        const form = editor.closest('form');
        const rows = [...editor.querySelectorAll('[data-ws-map-row]')];
        const groups = [...editor.querySelectorAll('[data-ws-map-group]')];
        const search = editor.querySelector('[data-ws-map-search]');
        const mappedOnly = editor.querySelector('[data-ws-map-mapped]');
        const count = editor.querySelector('[data-ws-map-count]');
        const isMapped = (row) => row.querySelector('[data-ws-map-source]').value !== '';
        // What has to be put right stays in view, also where nothing is mapped yet.
        const isWanted = (row) => isMapped(row) || row.classList.contains('ws-row--error');

        const tell = (shown) => {
            const text = shown === 0 ? count.dataset.none : count.dataset.some;
            count.textContent = text
                .replace('%(shown)s', shown)
                .replace('%(all)s', rows.length)
                .replace('%(mapped)s', rows.filter(isMapped).length);
        };

        const filter = () => {
            const wanted = search.value.trim().toLocaleLowerCase();
            let shown = 0;
            rows.forEach((row) => {
                const fits = row.dataset.words.toLocaleLowerCase().includes(wanted);
                row.hidden = !(fits && (isWanted(row) || !mappedOnly.checked));
                shown += row.hidden ? 0 : 1;
            });
            groups.forEach((group) => {
                group.hidden = !group.querySelector('[data-ws-map-row]:not([hidden])');
            });
            tell(shown);
        };

        // A row that is cleared stays in view until the filter is used again.
        editor.addEventListener('change', (event) => {
            if (event.target.matches('[data-ws-map-source]')) {
                tell(rows.filter((row) => !row.hidden).length);
            }
        });
        search.addEventListener('input', filter);
        mappedOnly.addEventListener('change', filter);
        // Enter in the search box finds; it does not save the mapping.
        search.addEventListener('keydown', (event) => {
            if (event.key === 'Enter') event.preventDefault();
        });
        filter();

        // Rows that map nothing need not travel: servers limit the number of fields in a form.
        form.addEventListener('formdata', (event) => {
            [...event.formData.keys()].forEach((key) => {
                const name = key.replace(/^(source|constant)-/, '');
                if (name === key) return;
                const source = form.elements.namedItem(`source-${name}`);
                const idle = key.startsWith('source-')
                    ? !source.value
                    : source.value !== 'constant';
                if (idle) event.formData.delete(key);
            });
        });

        const button = editor.querySelector('[data-ws-map-preview]');
        if (button) startPreview(editor, form, button);
    };

    const startPreview = (editor, form, button) => {
        const result = editor.querySelector('[data-ws-map-result]');
        const contact = editor.querySelector('[name="preview-contact"]');

        const show = async () => {
            button.disabled = true;
            try {
                const response = await fetch(button.dataset.wsMapPreview, {
                    method: 'POST',
                    body: new FormData(form),
                    headers: { 'X-Requested-With': 'XMLHttpRequest' },
                });
                if (!response.ok) throw new Error(response.statusText);
                result.innerHTML = await response.text();
            } catch {
                result.textContent = result.dataset.failed;
            } finally {
                button.disabled = false;
            }
        };

        button.addEventListener('click', show);
        contact.addEventListener('keydown', (event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            show();
        });
    };

    const startAll = () => document.querySelectorAll('[data-ws-map]').forEach(start);
    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', startAll);
    } else {
        startAll();
    }
})();
