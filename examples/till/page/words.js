"use strict";
// What the page says. A third language is one more block.
const WORDS = {
  en: {
    live: "Live", away: "Reconnecting…", who: "Who is at this tablet?", begin: "Begin", none: "Nobody to speak to just now.",
    say: "You may say", claim: "I'm going", accepted: "Accepted", declined: "Declined", not_relevant: "Did not fit",
    no_time: "No time", release: "Let go of it", left: "left", mine: "You have it.", has: (who, at) => `${who} has it since ${at}.`,
    shown: "New: ", answered: (who) => `${who} has answered.`, goal: "Done: the customer has bought.",
    withdrawn: "Withdrawn: there is nothing to say any more.", gone: "It is not shown any more.", failed: "It did not work. Try again.",
    other: "Français",
  },
  fr: {
    live: "En direct", away: "Reconnexion…", who: "Qui est à cette tablette ?", begin: "Commencer", none: "Personne à aborder pour l’instant.",
    say: "Vous pouvez dire", claim: "J’y vais", accepted: "Accepté", declined: "Refusé", not_relevant: "Pas adapté",
    no_time: "Pas le temps", release: "Laisser à d’autres", left: "restantes", mine: "C’est à vous.", has: (who, at) => `${who} s’en occupe depuis ${at}.`,
    shown: "Nouveau : ", answered: (who) => `${who} a répondu.`, goal: "Terminé : le client a acheté.",
    withdrawn: "Retiré : il n’y a plus rien à dire.", gone: "Ce n’est plus affiché.", failed: "Cela n’a pas marché. Réessayez.",
    other: "English",
  },
};
