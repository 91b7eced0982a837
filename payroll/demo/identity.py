"""Made-up names and numbers: clearly fictitious people, with valid check digits everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from stdnum import iban as stdnum_iban
from stdnum import iso11649
from stdnum.be import ogm_vcs

LAST_NAMES = (
    "Exemple",
    "Modèle",
    "Fictif",
    "Spécimen",
    "Échantillon",
    "D'Exemple",
    "Van Modèle",
    "Imaginaire",
    "L'Inventé",
    "Dufictif",
    "Desexemples",
    "Van den Fictif",
    "N'Existepas",
    "Prétendu",
    "Supposé",
    "De l'Épreuve",
    "Gabarit",
    "Maquette",
    "Prototype",
    "Voorbeeld",
    "Van Voorbeeld",
    "Verzonnen",
    "Beispiel",
    "Muster",
    "Esquisse",
    "Ébauche",
    "Brouillon",
    "Démo",
    "Dutest",
    "Deltest",
    "O'Démo",
    "Factice",
    "Simulé",
    "Hypothèse",
    "Anonyme",
    "Quelconque",
    "Untel",
    "Tartempion",
    "Machin",
    "Dumodèle",
)
FEMALE_NAMES = (
    "Hélène",
    "Noëlle",
    "Zoé",
    "Anne-Sophie",
    "Françoise",
    "Aurélie",
    "Éloïse",
    "Marie-Ange",
    "Chloé",
    "Inès",
    "Lætitia",
    "Béatrice",
    "Gaëlle",
    "Jeanne",
    "Cécile",
    "Véronique",
    "Maïté",
    "Salomé",
    "Renée",
    "Ophélie",
)
MALE_NAMES = (
    "André",
    "François",
    "Jean-Noël",
    "Rémi",
    "Loïc",
    "Jérôme",
    "Benoît",
    "Grégory",
    "Hervé",
    "Joël",
    "Cédric",
    "Maël",
    "Aloïs",
    "Théo",
    "Désiré",
    "Gérard",
    "Kévin",
    "Noé",
    "René",
    "Stéphane",
)
STREETS = (
    "Rue de l'Exemple",
    "Avenue du Modèle",
    "Chemin des Échantillons",
    "Place Fictive",
    "Route d'Essai",
    "Impasse de l'Ébauche",
    "Clos Saint-Spécimen",
)
TOWNS = (("9991", "Modèleville"), ("9992", "Fictive-sur-Essai"), ("9993", "L'Exemple"))
BANK_CODES = ("001", "035", "063", "068", "088", "103", "143", "210", "310", "340", "363", "377")

_SUPPLIER_TRADES = (
    "Pharma",
    "Linge",
    "Cuisine",
    "Médical",
    "Gaz",
    "Énergie",
    "Papeterie",
    "Labo",
    "Imagerie",
    "Nettoyage",
    "Informatique",
    "Transport",
    "Stérile",
    "Mobilier",
    "Prothèses",
)


@dataclass(slots=True)
class Register:
    """Gives out names and numbers, each number once only."""

    random: Random
    used: set[str] = field(default_factory=set)

    def _once(self, number: str) -> bool:
        fresh = number not in self.used
        self.used.add(number)
        return fresh

    def iban(self) -> str:
        """A valid Belgian IBAN under a bank code that exists; the account is random."""
        while True:
            account = f"{self.random.choice(BANK_CODES)}{self.random.randrange(10**7):07d}"
            bban = f"{account}{int(account) % 97 or 97:02d}"
            if self._once(bban):
                return _with_check_digits("BE", bban)

    def foreign_iban(self, country: str) -> str:
        """A valid IBAN of FR (with its own key) or DE."""
        if country == "DE":
            return _with_check_digits("DE", f"10000000{self.random.randrange(10**10):010d}")
        bank, branch, account = 99999, 99999, self.random.randrange(10**11)
        key = 97 - (89 * bank + 15 * branch + 3 * account) % 97
        return _with_check_digits("FR", f"{bank:05d}{branch:05d}{account:011d}{key:02d}")

    def national_number(self, birth: date, female: bool) -> str:
        """A valid national number (NISS) for that birth date and sex."""
        while True:
            counter = self.random.randrange(1, 499) * 2 - (0 if female else 1)
            first = f"{birth:%y%m%d}{counter:03d}"
            check = 97 - int(f"2{first}" if birth.year >= 2000 else first) % 97
            if self._once(first):
                return f"{first}{check:02d}"

    def enterprise_number(self) -> str:
        """A valid enterprise number in a range that was never given out (09...)."""
        while True:
            first = f"09{self.random.randrange(999_999):06d}"
            if self._once(f"KBO{first}"):
                return f"{first}{97 - int(first) % 97:02d}"

    def inami_number(self) -> str:
        """A doctor's INAMI number: check digits mod 97, then the qualification."""
        while True:
            first = f"1{self.random.randrange(10**5):05d}"
            if self._once(f"INAMI{first}"):
                qualification = self.random.choice(("003", "004", "140", "180", "340", "580"))
                return f"{first}{97 - int(first) % 97:02d}{qualification}"

    def agent_number(self) -> str:
        """Six digits of which the first is zero, as the personnel system prints them."""
        while True:
            number = f"{self.random.randrange(400, 99_999):06d}"
            if self._once(f"AGENT{number}"):
                return number

    def structured_communication(self) -> str:
        """A valid OGM as suppliers print it, +++123/4567/89012+++."""
        first = f"{self.random.randrange(1, 10**10):010d}"
        return f"+++{ogm_vcs.format(first + ogm_vcs.calc_check_digits(first))}+++"

    def creditor_reference(self) -> str:
        """A valid ISO 11649 reference (RF...), ending in a random number."""
        body = f"{self.random.randrange(10**10):010d}"
        check = 98 - int(f"{body}271500") % 97
        return str(iso11649.validate(f"RF{check:02d}{body}"))

    def person(self) -> tuple[str, str, bool]:
        """Last name, first name, and whether the person is a woman."""
        last = self.random.choice(LAST_NAMES)
        if self.random.random() < 0.3:
            last = f"{last}-{self.random.choice(LAST_NAMES[:5])}"
        female = self.random.random() < 0.7
        return last, self.random.choice(FEMALE_NAMES if female else MALE_NAMES), female

    def birth(self) -> date:
        """A birth date between 1958 and 2001."""
        return date(
            self.random.randrange(1958, 2002),
            self.random.randrange(1, 13),
            self.random.randrange(1, 29),
        )

    def address(self) -> tuple[str, str, str, str]:
        """Street, building number, postcode and town; none of them exists."""
        return (
            self.random.choice(STREETS),
            str(self.random.randrange(1, 180)),
            *self.random.choice(TOWNS),
        )

    def company(self, index: int) -> str:
        """A supplier's name; the number keeps it unique."""
        trade = self.random.choice(_SUPPLIER_TRADES)
        form = self.random.choice(("SA", "SRL", "SC", "ASBL"))
        return f"{trade} {self.random.choice(LAST_NAMES)} {index:04d} {form}"


def _with_check_digits(country: str, bban: str) -> str:
    check = stdnum_iban.calc_check_digits(f"{country}00{bban}")
    return str(stdnum_iban.validate(f"{country}{check}{bban}"))


def spaced(iban: str) -> str:
    """An IBAN in groups of four, as people write it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
