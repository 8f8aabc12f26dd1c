"""The words by which form fields call the fields of a contact, in several languages.

Written in lower case without accents, as `guess` compares them. A word with "=" in front must be
all there is ("=name" is not meant in "product name").
"""

from __future__ import annotations


WORDS: dict[str, str] = {
    "email": """e mail, email, email address, mail address, e mail address, mailadresse, emailadresse,
        e mail adresse, adresse e mail, adresse mail, courriel, correo, correo electronico,
        e mailadres, emailadres, posta elettronica, indirizzo e mail, e post, epost, sahkoposti,
        электронная почта, почта, メール, メールアドレス, 邮箱, 电子邮件""",
    "first_name": """first name, firstname, given name, forename, christian name, vorname, rufname,
        prenom, primer nombre, nombre de pila, voornaam, primeiro nome, fornamn, fornavn, etunimi,
        imie, jmeno, =имя, =名""",
    "middle_name": """middle name, middle initial, second first name, zweiter vorname,
        deuxieme prenom, segundo nombre, tweede naam, secondo nome, mellomnavn, mellemnavn,
        отчество""",
    "last_name": """last name, lastname, surname, family name, second name, nachname, familienname,
        zuname, nom de famille, apellido, apellidos, achternaam, familienaam, cognome, sobrenome,
        apelido, efternamn, efternavn, etternavn, sukunimi, nazwisko, prijmeni, фамилия, =姓""",
    "company_name": """company, company name, name of company, organisation, organization,
        organisation name, organization name, business name, employer, firm, firma, firmenname,
        unternehmen, name des unternehmens, arbeitgeber, entreprise, nom de l entreprise, societe,
        nom de la societe, raison sociale, employeur, empresa, nombre de la empresa, compania,
        organizacion, bedrijf, bedrijfsnaam, naam bedrijf, organisatie, werkgever, azienda, ditta,
        societa, organizacao, foretag, virksomhed, bedrift, yritys, spolecnost, компания,
        организация, 会社, 会社名, 公司""",
    "job_title": """job title, jobtitle, job, position, role, occupation, berufsbezeichnung, beruf,
        stellenbezeichnung, funktion, fonction, poste, intitule du poste, profession, cargo,
        puesto, functie, functietitel, ruolo, posizione, mansione, funcao, befattning, stilling,
        stanowisko, должность, 役職, 职位""",
    "mobile_phone": """mobile, mobile phone, mobile number, mobile telephone, cell, cell phone,
        cellphone, handy, handynummer, mobiltelefon, mobilnummer, mobilfunknummer, portable,
        telephone portable, telephone mobile, movil, telefono movil, celular, mobiel,
        mobiel nummer, mobiele telefoon, gsm, cellulare, telemovel, mobil, komorka, 携帯, 手机""",
    "business_phone": """phone, phone number, telephone, telephone number, business phone,
        work phone, =tel, telefon, telefonnummer, rufnummer, numero de telephone, telefono,
        numero de telefono, telefoon, telefoonnummer, numero di telefono, telefone, puhelin,
        телефон, 電話, 電話番号, 电话""",
    "street": """street, street address, address, address line 1, postal address, strasse,
        strasse und hausnummer, strasse hausnummer, anschrift, adresse, adresse postale, rue,
        numero et rue, calle, direccion, domicilio, straat, straat en huisnummer, adres,
        indirizzo, =via, via e numero, rua, endereco, morada, gatuadress, adress, gade, ulica,
        улица, адрес, 住所, 地址""",
    "city": """city, town, stadt, ort, wohnort, ville, commune, ciudad, localidad, poblacion,
        stad, plaats, woonplaats, citta, localita, comune, cidade, localidade, postort, =by,
        poststed, kaupunki, miasto, miejscowosc, mesto, город, 市区町村, 城市""",
    "postal_code": """postcode, post code, postal code, zip, zip code, zipcode, plz, postleitzahl,
        code postal, =cp, codigo postal, =cap, =cep, postnummer, postinumero, kod pocztowy, psc,
        почтовый индекс, индекс, 郵便番号, 邮编""",
    "state": """state, region, province, county, bundesland, kanton, canton, etat, departement,
        estado, provincia, comunidad autonoma, provincie, regione, regiao, distrito, fylke,
        wojewodztwo, kraj okres, область, регион, 都道府県, 省""",
    "country": """country, country region, land, pays, pais, paese, nazione, stato, maa, kraj,
        zeme, страна, 国, 国家""",
    "birthday": """birthday, date of birth, birth date, birthdate, =dob, geburtsdatum, geburtstag,
        date de naissance, fecha de nacimiento, geboortedatum, data di nascita,
        data de nascimento, fodelsedatum, fodselsdag, fodselsdato, syntymaaika, data urodzenia,
        datum narozeni, дата рождения, 生年月日""",
    "gender": """gender, sex, geschlecht, sexe, genre, genero, sexo, geslacht, sesso, kon, kjonn,
        kon, plec, pohlavi, =пол, 性別, 性别""",
    "campaign": """campaign, utm campaign, kampagne, campagne, campana, campagna, campanha""",
    "notes": """message, comment, comments, note, notes, question, questions, enquiry, inquiry,
        request, nachricht, mitteilung, bemerkung, bemerkungen, kommentar, anmerkung,
        anmerkungen, anliegen, anfrage, frage, commentaire, commentaires, remarque, remarques,
        demande, mensaje, comentario, comentarios, consulta, observaciones, bericht, opmerking,
        opmerkingen, vraag, messaggio, commento, richiesta, note aggiuntive, mensagem,
        meddelande, besked, melding, viesti, wiadomosc, uwagi, zprava, сообщение, комментарий,
        メッセージ, お問い合わせ内容, 留言""",
}

# A whole name in one field, to be split into first, middle and last name.
WHOLE_NAMES = """full name, fullname, complete name, first and last name, name and surname,
    first name last name, vor und nachname, vorname und nachname, vorname nachname,
    vollstandiger name, nom et prenom, prenom et nom, nom prenom, nom complet, nombre completo,
    nombre y apellido, nombre y apellidos, volledige naam, voor en achternaam, nome completo,
    nome e cognome, fullt namn, for och efternamn, fulde navn, fullt navn, koko nimi,
    imie i nazwisko, jmeno a prijmeni, фио, 氏名, 名前, お名前, 姓名"""

# The first name where another field holds the last name, else the whole name.
NAMES = """=name, =contact name, =contact, =nom, =nombre, =naam, =nome, =namn, =navn, =nimi,
    =nazwa, =kontaktperson, =ansprechpartner, =contact person, =contactpersoon,
    =persona de contacto, =имя и фамилия"""

# Boxes by which visitors consent to being contacted.
CONSENTS = """consent, i consent, i agree, agree, opt in, optin, newsletter, mailing list, marketing,
    subscribe, subscription, gdpr, privacy, privacy policy, data protection, permission,
    einwilligung, zustimmung, ich stimme zu, einverstanden, datenschutz, datenschutzerklarung,
    dsgvo, consentement, j accepte, confidentialite, rgpd, abonnement, consentimiento, acepto,
    privacidad, boletin, toestemming, akkoord, nieuwsbrief, privacybeleid, avg, consenso,
    acconsento, informativa, consentimento, aceito, privacidade, lgpd, samtycke, samtykke,
    nyhedsbrev, nyhetsbrev, suostumus, uutiskirje, zgoda, wyrazam zgode, rodo, souhlas, согласие,
    рассылка, 同意, ニュースレター, 订阅"""

# Words around the others that say nothing.
FILLERS = """your, my, the, please, enter, optional, required, work, business, company s, ihr,
    ihre, dein, deine, bitte, pflichtfeld, votre, vos, ton, ta, le, la, su, tu, el, uw, je, jouw,
    il, tuo, tua, lo, o, a, seu, sua, din, ditt, deres, twoj, twoje, ваш, ваша, ваше"""

# Fields that repeat another one for safety.
REPEATS = """confirm, confirmation, repeat, again, verify, retype, bestatigen, bestatigung,
    wiederholen, wiederholung, confirmer, confirmar, repetir, bevestig, bevestigen, herhaal,
    conferma, ripeti, bekrafta, gentag"""

# Addresses of another kind: neither where somebody lives nor what a company is called.
OTHER_ADDRESSES = """web, website, webseite, internet, url, homepage, ip, site, mail, email"""
