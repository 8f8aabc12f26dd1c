// The mapping editor: find rows, show mapped ones only, send no more than is mapped.
// Without this script all rows are shown, and everything can be edited and saved.

(() => {
    const start = (editor) => {
        const form = editor.closest('form');
        const rows = [...editor.querySelectorAll('[data-ws-map-row]')].map((element) => ({
            element,
            source: element.querySelector('[data-ws-map-source]'),
            words: `${element.dataset.label} ${element.dataset.wsMapRow}`.toLocaleLowerCase(),
        }));
        const groups = [...editor.querySelectorAll('[data-ws-map-group]')];
        const search = editor.querySelector('[data-ws-map-search]');
        const mappedOnly = editor.querySelector('[data-ws-map-mapped]');
        const count = editor.querySelector('[data-ws-map-count]');
        const isMapped = (row) => row.source.value !== '';
        // What has to be put right stays in view, also where nothing is mapped yet.
        const isWanted = (row) => isMapped(row) || row.element.classList.contains('ws-row--error');

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
                const fits = row.words.includes(wanted) && (!mappedOnly.checked || isWanted(row));
                row.element.hidden = !fits;
                shown += fits ? 1 : 0;
            });
            groups.forEach((group) => {
                group.hidden = !group.querySelector('[data-ws-map-row]:not([hidden])');
            });
            tell(shown);
        };

        // A row that is cleared stays in view until the filter is used again.
        editor.addEventListener('change', (event) => {
            if (event.target.matches('[data-ws-map-source]')) {
                tell(rows.filter((row) => !row.element.hidden).length);
            }
        });
        let waiting = 0;
        search.addEventListener('input', () => {
            clearTimeout(waiting);
            // With hundreds of rows, not with every letter.
            waiting = setTimeout(filter, rows.length > 200 ? 150 : 0);
        });
        mappedOnly.addEventListener('change', filter);
        // Enter in the search box finds; it does not save the mapping.
        search.addEventListener('keydown', (event) => {
            if (event.key === 'Enter') event.preventDefault();
        });
        filter();

        // Rows that map nothing need not travel: servers limit the number of fields in a form.
        form.addEventListener('formdata', (event) => {
            rows.forEach((row) => {
                const name = row.element.dataset.wsMapRow;
                if (!row.source.value) event.formData.delete(`source-${name}`);
                if (row.source.value !== 'constant') event.formData.delete(`constant-${name}`);
            });
        });
    };

    const startAll = () => document.querySelectorAll('[data-ws-map]').forEach(start);
    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', startAll);
    } else {
        startAll();
    }
})();
