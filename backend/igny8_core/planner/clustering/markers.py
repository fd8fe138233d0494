"""Phrases that tell what a searcher is about to do, by kind: English, and the other languages
that `languages` knows by their small words.

`^` binds a phrase to the beginning of the keyword, `$` to its end: "tank top" is not the best of
anything, and the price is right is a show. Where two phrases begin at one word the longer one
counts, so that those of "nothing" take a word out of what would otherwise be said.
"""

# The first kind that a keyword has wins, so the most telling ones stand first.
PHRASES = {
    "local": """
        near me, nearby, near my location, close to me, around me, in my area
        in der nähe, in meiner nähe; in de buurt; nära mig, i närheten, i nærheden, i nærheten
        cerca de mi, cerca de mí, cerca de aquí; perto de mim; vicino a me, nelle vicinanze
        près de chez moi, pres de chez moi, autour de moi; w pobliżu, blisko mnie
        yakınımdaki, yakınımda; terdekat; gần đây, gan day, gần tôi, gan toi
    """,
    "sign-in": """
        login, log in, log on, signin, sign in, sign up
        einloggen; inloggen; logga in, logg inn, log ind; se connecter; zaloguj, logowanie
        iniciar sesión, iniciar sesion; fazer login; giriş yap; đăng nhập, dang nhap
    """,
    "compare": """
        vs, versus, compare, compared, comparing, comparison, comparisons
        alternatives to, alternative to, alternatives$, alternative$, difference between
        vergleich, alternative zu, alternativen zu, unterschied zwischen
        vergelijken, vergelijking, alternatief voor, verschil tussen
        jämför, jämförelse, skillnad mellan, sammenlign, sammenligning, forskel mellem
        comparativa, comparar, alternativas a, diferencia entre, diferença entre
        comparatif, alternative à, différence entre; confronto, alternative a, differenza tra
        porównanie, alternatywa dla; karşılaştırma, arasındaki fark; perbandingan, perbedaan
        so sánh, so sanh
    """,
    "how": """
        how to, how do, how does, how can, how should, tutorial, tutorials, step by step
        ^wie, anleitung; hoe moet, hoe kan, hoe maak, hoe werkt, hoe doe, hoe was, handleiding
        ^hur, ^hvordan
        ^cómo, ^como; comment faire, comment avoir, comment choisir, comment utiliser
        come fare, come si, come funziona; ^jak; nasıl, nasil
        cara membuat, cara menggunakan; ^cách, ^cach, hướng dẫn, huong dan
    """,
    "buy": """
        buy, where to buy, price$, prices$, price of, price in, price list, best price
        prices for, pricing$, cost$, costs$, cost of, cost in, coupon, coupons
        promo code, deals, for sale, shop for, shop online, online shop, order online
        kaufen, preis, preise, kosten, kostet, wie teuer, angebote, gutschein
        kopen, prijs, prijzen, aanbieding, aanbiedingen; köpa, købe, kjøpe, pris, priser
        comprar, precio, precios, ofertas, en venta, cuanto cuesta, cuánto cuesta
        preço, preços, preco, promoção, à venda, quanto custa
        acheter, prix, code promo, soldes, à vendre, tarif, combien coûte, combien coute
        comprare, acquistare, prezzo, prezzi, offerte, in vendita, quanto costa
        kup, kupić, promocja, na sprzedaż, ile kosztuje
        satın al, satin al, fiyat, fiyatı, fiyatları, satılık
        beli, harga, dijual; mua bán, nên mua, giá, bảng giá
    """,
    "cheap": """
        cheap, cheapest, discount, discounts
        günstig, günstige, billig, rabatt; goedkoop, goedkope, korting; billiga, billige
        barato, barata, baratos, baratas, descuento, desconto; pas cher, pas chère; sconto
        tani, tanie, tania, ucuz, indirim, murah, diskon, giá rẻ, gia re
    """,
    "what": """
        what is, what are, what does, what's, meaning$, meaning of, definition, ^why, explained
        was ist, was sind, bedeutung, ^warum; wat is, wat zijn, betekenis, ^waarom
        vad är, hva er, hvad er, ^varför, ^hvorfor; que es, qué es, significado, ^por qué
        o que é, o que são; qu'est ce, c'est quoi, signification, ^pourquoi
        cos'è, cosa è, cosa sono, significato, ^perché; co to, ^dlaczego; nedir, ne demek
        apa itu, arti, ^mengapa; là gì, tại sao
    """,
    "free": """
        ^free, free$, for free, free download, free online, download, pdf, torrent
        kostenlos, kostenlose, gratis, gratuit, gratuite, gratuito, grátis, télécharger, descargar
        baixar, za darmo, darmowy, darmowe, pobierz, ücretsiz, unduh, miễn phí, mien phi, tải
    """,
    "best": """
        best, ^top, top rated, review, reviews
        beste, besten, bester, erfahrungen, testsieger; bästa, bedste
        mejor, mejores, melhor, melhores, meilleur, meilleure, meilleurs, meilleures
        migliore, migliori, najlepszy, najlepsze, najlepsza, en iyi, terbaik, tốt nhất, tot nhat
    """,
    "nothing": """
        vs code, size comparison, alternative medicine, alternative rock, fisher price
        buying guide, cost of living, cost of capital, cost of goods, cost of sales
        grand prix, prix nobel, how to train your dragon, price is right, vincent price, best buy
        purchase order, zero coupon, coupon rate, coupon bond, buy to let, sign in sheet
        sign up sheet, wie viel, wie viele, jak and daxter, como italy, como hotel, como hotels
        como lake, beli app
        gluten free, sugar free, dairy free, lactose free, fat free, duty free, hands free
        tax free, risk free, nut free, carb free, oil free, alcohol free, scent free
    """,
}
