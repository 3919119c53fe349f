"""Invented people for the demo: the same ones for the same seed, with the names that forms and lists must cope with.

Accents and apostrophes, double names, somebody with one name only, colleagues of one organisation, some who read
English. Addresses are all at example.org: nothing can ever reach a real mailbox.
"""

from dataclasses import dataclass
from random import Random

from django.utils.text import slugify


def words(text: str) -> list[str]:
    """The words of `text`; a low line stands for a space inside one."""
    return [word.replace("_", " ") for word in text.split()]


FIRST_NAMES = words("""
Alice Amina Anna Antonella Aurora Barbara Beatrice Benedetta Camilla Carlotta Caterina Chiara Cristina Daniela Elena
Elisabetta Emma Federica Francesca Gaia Ginevra Giorgia Giulia Ilaria Irene Laura Letizia Lidia Lucrezia Maddalena
Margherita Maria_Teresa Marta Martina Matilde Michela Noemi Paola Rachele Rebecca Rita Rosa Sara Silvia Simona Sofia
Stefania Teresa Valentina Viola Virginia Yasmin Zoë Adele Alessandro Andrea Bruno Cosimo Daniele Davide Duccio Edoardo
Emanuele Fabrizio Filippo Francesco Gabriele Giacomo Gianluca Giovanni Jacopo Kevin Leonardo Lorenzo Luca Marco Matteo
Mattia Mirko Neri Niccolò Nicolò Pietro Riccardo Samuele Simone Stefano Tommaso Umberto Vittorio Zeno José Piergiorgio
""")
LAST_NAMES = words("""
Agostini Baldi Bandinelli Barsotti Bartolini Benedetti Bertini Biagi Bianchi Boccaccini Bonaccorsi Bruni Caciagli Calò
Cappelli Carli Casini Cecchi Ciabatti Cioni Conti Corsi D'Alessandro D'Amico D'Angelo D'Onofrio Degl'Innocenti De_Luca
De_Santis Del_Bianco Dell'Anna Di_Giovanni Donati El_Amrani Falorni Fanti Fè Ferrari Ferri Fontana Franchi Galli Gatti
Giannini Giorgi Giuntoli Grassi Guidi Hoxha Innocenti Landi Landucci Leoni Lo_Presti Lombardi Lupi Magnani Mancini
Mannucci Marchi Mariani Martelli Martini Masini Mazzei Meini Menichetti Monti Morelli Nannini Neri Nuti Orlandi
Pacini Palmieri Papini Pardini Pellegrini Pieri Pini Popescu Pratesi Ricci Rossi Salvadori Santi Sarti Serafini Simoni
Singh Tani Testi Tofani Torrini Vannucci Ventura Verdi Viciani Volpi Xu Zanobini
""")
ALONE = ["Aminata", "Suhaila", "Tenzin"]
ORGANISATIONS = [
    "Cooperativa Il Girasole", "Cooperativa L'Ape Operaia", "Tessitura Fratelli Landi", "Studio Pardini e Associate",
    "Officine Meccaniche dell'Arno", "Comune di Valdombra", "Azienda Agricola Poggio Sereno", "Vivai Il Leccio",
    "Conceria Stella", "Biblioteca di Quartiere", "Istituto Tecnico Margherita Hack", "Cartiera del Serchio",
    "Associazione Passo Lento", "Albergo alle Mura", "Ferramenta Zanobini", "Laboratorio Orafo Etruria",
    "Impresa Edile Cioni", "Asilo nido La Chiocciola", "Sindacato, sede di zona", "Cava Bianca srl",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str
    organisation: str
    language: str


def people(number: int, random: Random) -> list[Person]:
    """`number` people, no two with the same address. The first organisations have the most colleagues."""
    weights = [len(ORGANISATIONS) - rank for rank in range(len(ORGANISATIONS))]
    found = []
    for count in range(1, number + 1):
        alone = count % 60 == 0
        first_name = ALONE[count // 60 % len(ALONE)] if alone else random.choice(FIRST_NAMES)
        last_name = "" if alone else random.choice(LAST_NAMES)
        found.append(
            Person(
                first_name=first_name,
                last_name=last_name,
                email=f"{slugify(f'{first_name} {last_name}').replace('-', '.')}.{count}@example.org",
                organisation=random.choices(ORGANISATIONS, weights)[0] if random.random() < 0.75 else "",
                language="en" if random.random() < 0.06 else "it",
            )
        )
    return found
