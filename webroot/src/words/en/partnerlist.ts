// The list of partners: filters, selection, and changing many at once.
import { counter, figures } from "../plural";

const count = counter("en");
const figure = figures("en");
const partners = (n: number) => count(n, "partner", "partners");

export const partnerList = {
    partnerList: {
        setting: "Set state",
        change: "Draft",
        anyChange: "Any change",
        moreFilters: "More filters",
        fewerFilters: "Fewer filters",
        selected: (n: number) => `${partners(n)} selected`,
        selectFound: (n: number) => `Select all ${figure(n)} that fit the filter`,
        selectListed: (n: number) => `Select all ${figure(n)} listed`,
        unselect: "Clear selection",
        editTitle: "Set fields of the selected partners",
        deleteTitle: "Delete the selected partners?",
        stage: "Add to draft",
        counting: "Counting…",
        whom: (n: number) => `For ${partners(n)}.`,
        whomFilter: "For every partner that fits the filter.",
        whomAll: "For every partner that is listed.",
        willChange: (n: number) => `${partners(n)} will be changed in your draft.`,
        willDelete: (n: number) => `${partners(n)} will be deleted in your draft.`,
        nobody: "Nothing would change.",
        already: (n: number) => `${partners(n)} ${n === 1 ? "is" : "are"} that way already.`,
        rejected: (n: number) => `${partners(n)} cannot be changed so; choose another value or leave them out:`,
        setTo: "Set to…",
        newValue: (field: string) => `New value: ${field}`,
        clears: "Left empty, the field is cleared.",
        drain: "Drain",
    },
};
