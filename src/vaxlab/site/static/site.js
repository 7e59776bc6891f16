// Every page. Opened from a disk, a page may not read others: search then shows titles alone.
"use strict";
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
// What scrolls sideways can be reached by the keyboard.
for (const place of document.querySelectorAll("div.highlight pre, .pst-scrollable-table-container")) {
  if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
}
