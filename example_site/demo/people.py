"""The visitors of the demonstration: who they are, which forms they send, what they should become.

Points, by `configuration.json`: a message 10, a paper 5, a request for a quote 20, and 15 for a
director; 20 are needed. `becomes_lead` is written down here, not worked out, so that the
demonstration checks the connector and not itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Visit:
    """A form sent: its address, and what is typed into fields other than the person's own."""

    path: str
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The free text among what is typed."""
        return str(self.typed.get("Message") or self.typed.get("Anything we should know") or "")


@dataclass(frozen=True)
class Person:
    """A visitor. `licences` counts all licences asked for, in all their quotes."""

    first_name: str
    last_name: str
    email: str
    company: str = ""
    job_title: str = ""
    country: str = ""
    visits: tuple[Visit, ...] = ()
    becomes_lead: bool = False
    licences: int = 0

    @property
    def words(self) -> str:
        """What the person wrote first: later messages do not overwrite what is known."""
        notes = (visit.words for visit in self.visits)
        return next((note for note in notes if note), "")

    def own_fields(self) -> dict[str, str]:
        """What the person types about themselves, by the label of the form's field."""
        return {
            "First name": self.first_name,
            "Last name": self.last_name,
            "E-mail": self.email,
            "Company": self.company,
            "Job title": self.job_title,
            "Country": self.country,
        }


def message(text: str, **more: Any) -> Visit:
    return Visit("/contact/", {"Message": text, **more})


def newsletter(text: str) -> Visit:
    return Visit("/contact/", {"Message": text, "Send me the newsletter, four times a year": True})


def quote(product: str, quantity: int, licences: int, note: str = "", **own: str) -> Visit:
    asked = {"Product": product, "Quantity": quantity, "Licences": licences}
    return Visit("/quote/", {**asked, "Anything we should know": note, **own})


def paper() -> Visit:
    return Visit("/white-paper/")


PEOPLE = (
    Person(
        "Zoë", "Brontë-Müller", "zoe@mueller-orgelbau.example", "Müller & Söhne Orgelbau",
        "Werkstattleiterin", "Germany",
        (quote("Trellis", 2, 45, "Größe der Werkstatt: 600 m². Bitte auf Deutsch antworten."),),
        becomes_lead=True, licences=45,
    ),
    Person(
        "Łukasz", "Wójcik", "lukasz@stolarnia-wojcik.example", "Stolarnia Wójcik", "", "Poland",
        (message("Czy Almanac działa też bez internetu?"),),
    ),
    Person(
        "Ελένη", "Παπαδοπούλου", "eleni@xylourgeio.example", "Ξυλουργείο Παπαδοπούλου",
        "Director of production", "Greece",
        (message("Καλημέρα! Θα θέλαμε μια παρουσίαση του Trellis."),),
        becomes_lead=True,
    ),
    Person(
        "Дмитро", "Шевченко", "dmytro@korabelnia.example", "Корабельня «Чайка»", "Інженер",
        "Ukraine",
        (quote("Hedgerow", 1, 12, "Облік латуні та дубових дощок."),),
        becomes_lead=True, licences=12,
    ),
    Person(
        "Елица", "Георгиева", "elitsa@mlekarna.example", "Мандра „Роза“", "", "Bulgaria", (paper(),)
    ),
    Person(
        "فاطمة الزهراء", "بنعلي", "fatima@dar-alkhashab.example", "دار الخشب", "مديرة الورشة",
        "Morocco",
        (quote("Almanac", 1, 20, "نحتاج إلى واجهة تُقرأ من اليمين إلى اليسار."),),
        becomes_lead=True, licences=20,
    ),
    Person(
        "יעל", "בן־דוד", "yael@nagariya.example", "נגריית בן־דוד", "", "Israel",
        (message("האם אפשר לייבא לוח קיים?"), newsletter("תודה, זה עבד נהדר!")),
        becomes_lead=True,
    ),
    Person(
        "आरव", "शर्मा", "aarav@hastkala-udyog.example", "हस्तकला उद्योग", "प्रबंधक", "India",
        (quote("Trellis", 60, 3000, "साठ कार्यशालाओं के लिए एक ही आदेश।"),),
        becomes_lead=True, licences=3000,
    ),
    Person(
        "ประภาส", "ศรีสุข", "praphat@rongmai.example", "โรงไม้ศรีสุข", "", "Thailand",
        (quote("Hedgerow", 3, 30, "ขอใบเสนอราคาเป็นภาษาไทยครับ"),),
        becomes_lead=True, licences=30,
    ),
    Person(
        "静怡", "李", "jingyi@mugongfang.example", "上海木工坊", "厂长", "China",
        (quote("Almanac", 4, 80, "请发送中文合同。"),),
        becomes_lead=True, licences=80,
    ),
    Person(
        "陽菜", "佐藤", "haruna@wagashi-sato.example", "和菓子さとう", "", "Japan",
        (
            paper(),
            message("木曜日は団子の日です 🍡 予定表に入りますか？"),
            message("ありがとうございます！ 🙇‍♀️✨"),
        ),
        becomes_lead=True,
    ),
    Person(
        "민준", "김", "minjun@hanok-moksu.example", "한옥목수", "", "South Korea",
        (quote("Trellis", 1, 9),),
        becomes_lead=True, licences=9,
    ),
    Person(
        "", "Ningsih", "ningsih@batik-parang.example", "Batik Parang", "Pemilik", "Indonesia",
        (quote("Hedgerow", 1, 6, "Saya hanya punya satu nama."),),
        becomes_lead=True, licences=6,
    ),
    Person(
        "Þórunn", "Ægisdóttir", "thorunn@batasmidja.example", "Bátasmiðja Ægis", "", "Iceland",
        (
            quote("Trellis", 20, 1000, "Fyrsta pöntun af þremur."),
            # The same person, however the address is written.
            quote("Almanac", 20, 1000, **{"E-mail": "Thorunn@Batasmidja.example"}),
            quote("Hedgerow", 20, 1000, **{"E-mail": "THORUNN@BATASMIDJA.EXAMPLE"}),
        ),
        becomes_lead=True, licences=3000,
    ),
    Person(
        "Ánh Tuyết", "Nguyễn", "anhtuyet@gomsu.example", "Gốm sứ Bát Tràng", "", "Vietnam",
        (paper(), message("Bản tiếng Việt của sách trắng có không ạ?")),
    ),
    Person(
        "Ọláńrewájú", "Adébáyọ̀", "olanrewaju@adire-works.example", "Adire Works",
        "Managing Director", "Nigeria", (paper(),),
        becomes_lead=True,
    ),
    Person(
        "Գայանե", "Հակոբյան", "gayane@gorgagorts.example", "Գորգագործարան «Արարատ»", "", "Armenia",
        (quote("Trellis", 1, 15),),
        becomes_lead=True, licences=15,
    ),
    Person(
        "ნინო", "ბერიძე", "nino@marani.example", "მარანი ბერიძე", "", "Georgia",
        (message("როდის გამოვა ქართული ვერსია?"),),
    ),
    Person(
        "አበበ", "ከበደ", "abebe@shema.example", "ሸማ ሥራ", "", "Ethiopia",
        (quote("Hedgerow", 2, 24),),
        becomes_lead=True, licences=24,
    ),
    Person(
        "கவிதா", "ராஜன்", "kavitha@nesavu.example", "நெசவு ராஜன்", "", "Sri Lanka", (paper(),)
    ),
    Person(
        "Siobhán", "O’Connor", "siobhan@oconnor-boats.example", "O'Connor & Sons <Boats>", "",
        "Ireland",
        (quote("Trellis", 1, 8, 'We say "clinker", not "carvel" & we mean it.'),),
        becomes_lead=True, licences=8,
    ),
    Person(
        "Chloé", "d’Aubigné", "chloe@fournil-daubigne.example", "", "Creative Director", "France",
        (newsletter("On adore Trellis ❤️ 🧑🏽‍🍳🥐 !\nVous venez à Lyon ?"),),
        becomes_lead=True,
    ),
    Person(
        "Keʻalohi", "Kahananui", "kealohi@lauhala.example", "Lauhala Weavers", "", "United States",
        (message("Aloha! Do you ship stickers?"),),
    ),
)  # fmt: skip
