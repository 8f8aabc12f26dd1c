// The mapping editor: what each row may choose from, and the input of a constant.
// The page holds every set of choices once; a row gets its own when somebody comes near to it,
// so that hundreds of fields and picklists of a thousand entries open as fast as a few.

(() => {
    // Longer lists wait until their row is used.
    const LONG = 100;
    const AT_ONCE = 25;

    const optionOf = (value, text) => {
        const option = document.createElement('option');
        option.value = value;
        option.textContent = text;
        return option;
    };

    const groupOf = (label, options) => {
        const group = document.createElement('optgroup');
        group.label = label;
        options.forEach(([value, text]) => group.append(optionOf(value, text)));
        return group;
    };

    const pair = (entry) => (Array.isArray(entry) ? entry : [entry, entry]);

    const start = (editor, data) => {
        const entriesOf = (source) =>
            (data.lists[source.dataset.list] || []).map(pair);

        const groupsFor = (source) => {
            const kinds = data.kinds[source.dataset.kind] || [];
            const groups = kinds.map(([label, options]) => [label, options]);
            const entries = entriesOf(source).map(([value, text]) => [`picklist:${value}`, text]);
            if (entries.length) {
                const last = groups.findIndex(([label]) => label === data.words.constant);
                const list = [data.words.entries, entries];
                groups.splice(last < 0 ? groups.length : last, 0, list);
            }
            return groups;
        };

        // The present choice stays chosen, and on offer even where it is gone.
        const fill = (source) => {
            if (source.dataset.filled) return;
            source.dataset.filled = 'yes';
            const chosen = source.value;
            const present = chosen ? source.selectedOptions[0].textContent : '';
            const groups = groupsFor(source);
            const offered = groups.some(([, options]) =>
                options.some(([value]) => value === chosen),
            );
            if (chosen && !offered) groups.unshift([data.words.present, [[chosen, present]]]);
            source.replaceChildren(
                source.options[0],
                ...groups.map(([label, options]) => groupOf(label, options)),
            );
            source.value = chosen;
        };

        const isLong = (source) => (data.lists[source.dataset.list] || []).length > LONG;

        // The input of a constant is made when one is chosen, of the page's template for its kind.
        const showConstant = (source) => {
            const row = source.closest('[data-ws-map-row]');
            const there = row.querySelector('.ws-row__constant');
            if (there) there.hidden = source.value !== 'constant';
            if (there || source.value !== 'constant') return;
            const template = editor.querySelector(
                `template[data-ws-map-constant="${source.dataset.input || 'text'}"]`,
            );
            const made = template.content.firstElementChild.cloneNode(true);
            named(made, row);
            row.querySelector('.ws-row__source').append(made);
            const ticks = made.querySelector('[data-ws-map-ticks]');
            if (ticks) tickBoxes(ticks, source, row.dataset.wsMapRow);
        };

        const named = (made, row) => {
            made.querySelectorAll('[id], [name], [for], [aria-describedby]').forEach((element) => {
                ['id', 'name', 'for', 'aria-describedby'].forEach((attribute) => {
                    const value = element.getAttribute(attribute);
                    if (value === null) return;
                    const own = value.replaceAll('__name__', row.dataset.wsMapRow);
                    element.setAttribute(attribute, own);
                });
            });
            made.querySelector('[data-ws-map-label]').textContent = ` ${row.dataset.label}`;
        };

        const tickBoxes = (list, source, name) => {
            entriesOf(source).forEach(([value, text]) => {
                const item = document.createElement('li');
                const label = document.createElement('label');
                const box = document.createElement('input');
                Object.assign(box, { type: 'checkbox', name: `constant-${name}`, value });
                label.append(box, ` ${text}`);
                item.append(label);
                list.append(item);
            });
        };

        const sources = [...editor.querySelectorAll('[data-ws-map-source]')];
        const nearby = (event) => {
            if (event.target.matches('[data-ws-map-source]')) fill(event.target);
        };
        editor.addEventListener('focusin', nearby);
        editor.addEventListener('pointerover', nearby);
        editor.addEventListener('pointerdown', nearby);
        editor.addEventListener('change', (event) => {
            if (event.target.matches('[data-ws-map-source]')) showConstant(event.target);
        });

        // All others are filled while nothing else is to be done.
        const rest = sources.filter((source) => !isLong(source));
        const idle = window.requestIdleCallback || ((work) => setTimeout(work, 30));
        const fillSome = () => {
            rest.splice(0, AT_ONCE).forEach(fill);
            if (rest.length) idle(fillSome);
        };
        fillSome();
    };

    const startAll = () => {
        document.querySelectorAll('[data-ws-map]').forEach((editor) => {
            // With ?choices=all the rows come with everything spelled out.
            const spelledOut = editor.querySelector('[name="all-choices"]');
            const data = JSON.parse(document.getElementById('ws-map-options').textContent);
            if (spelledOut) {
                editor.querySelectorAll('[data-ws-map-source]').forEach((source) => {
                    source.dataset.filled = 'yes';
                });
            }
            start(editor, data);
        });
    };
    if (document.readyState === 'loading') {
        document.addEventListener('DOMContentLoaded', startAll);
    } else {
        startAll();
    }
})();
